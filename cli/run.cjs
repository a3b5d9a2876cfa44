// Entry of every `npm run` command: TypeScript straight from source. Sucrase keeps every line where it is, so that stack
// traces are right without source maps, whose lookups would cost a plan a second: the SDK takes a stack for each resource.
require("sucrase/register/ts");
require("./main");
