/**
 * `reprise/verifiers`: what judges answers from outside, and the sandbox for JavaScript.
 *
 * @module reprise/verifiers
 */

export {
	JavaScriptSandbox,
	type ProgramOptions,
	type ProgramResult,
	type SandboxOptions,
} from '../sandbox/sandbox.js';
export type { Fail, Pass, Score, Task, Verdict, Verifier, VerifierContext } from '../verifier.js';
export { type ExactOptions, exact, type NumericOptions, numeric } from './answers.js';
export { all, any } from './combine.js';
export { type CommandOptions, command } from './command.js';
export { type JavaScriptOptions, type JavaScriptVerifier, javascript } from './javascript.js';
export { type JsonSchemaOptions, jsonSchema } from './json-schema.js';
export { type RegexOptions, regex } from './regex.js';
export type { TaskText, TextOfTask } from './support/expected.js';
