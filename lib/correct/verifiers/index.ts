export type { TaskText } from './expected.js';
export { type JavaScriptOptions, type JavaScriptVerifier, javascript } from './javascript.js';
export { JavaScriptSandbox, type ProgramResult, type SandboxOptions } from './sandbox.js';
