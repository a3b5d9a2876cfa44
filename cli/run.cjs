// Entry of every `npm run` command: TypeScript straight from source. Types are checked by `npm run check`, not at every start.
require("ts-node").register({ transpileOnly: true, cwd: require("node:path").resolve(__dirname, "..") });
require("./main");
