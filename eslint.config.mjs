import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules", ".cache", "policy/bin"] },
    js.configs.recommended,
    ...tseslint.configs.recommended,
    {
        rules: {
            eqeqeq: "error",
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
            // `typeof import("./x")` is the type of a module that is loaded on demand.
            "@typescript-eslint/consistent-type-imports": [
                "error",
                { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
            ],
            // Modules are CommonJS, and what is loaded on demand is required: `import()` would leave the loader.
            "@typescript-eslint/no-require-imports": "off",
        },
    },
    {
        files: ["**/*.{js,cjs}"],
        languageOptions: {
            globals: {
                require: "readonly",
                process: "readonly",
                module: "writable",
                console: "readonly",
                __dirname: "readonly",
            },
        },
    },
);
