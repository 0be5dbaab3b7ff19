import { asyncDispose } from '../../async-dispose.js';
import { boolean, number, oneOf, optional, readOptions, withDefault } from '../../options.js';
import {
	JavaScriptSandbox,
	type ProgramResult,
	type SandboxOptions,
	sandboxChecks,
} from '../sandbox/sandbox.js';
import type { Task, Verdict, Verifier } from '../verifier.js';
import { isNumeric, lastNumber, sameNumber, sameText } from './support/comparison.js';
import { expectedAnswer, expectedNumber, type TaskText, taskText, textFor } from './support/expected.js';
import { codeOf } from './support/fenced.js';
import { quote } from './support/message.js';

/** How a program is run and judged. */
export interface JavaScriptOptions extends SandboxOptions {
	/** What the program should print. Default: the answer of the task. */
	expected?: TaskText;
	/**
	 * How the printed text is compared: `numeric` takes the last number, `exact` all of it but for white space,
	 * and `auto` is numeric where a number is expected. Default: auto.
	 */
	compare?: 'auto' | 'exact' | 'numeric';
	/** The largest difference of numbers that passes, relative to those above 1. Default: 1e-6. */
	tolerance?: number;
	/**
	 * Code to run after the program, in place of looking at what was printed. It can use the names of the
	 * program, `assert(condition, message)` and `assert.equal(value, expected, message)`, and fails by
	 * throwing. An empty text asks only that the program runs to its end. Default: none.
	 */
	tests?: TaskText;
	/** Whether the message gives the right answer away. Default: false. */
	tellAnswer?: boolean;
}

/** A verifier with threads of its own, which end with this process or at `dispose()`. */
export type JavaScriptVerifier = Verifier &
	AsyncDisposable & {
		/** Ends the sandbox's threads. A second call does nothing. */
		dispose(): Promise<void>;
	};

/** How blocks of JavaScript are labelled. */
export const javaScriptLabels = ['js', 'javascript', 'mjs', 'cjs', 'node', 'ecmascript'];

/**
 * Makes a verifier that runs the JavaScript of an answer (its last js block, or all of it where it has no
 * block) in a {@link JavaScriptSandbox}, and judges what it printed or whether tests pass. Throws
 * `OPTION_INVALID`; the verifier rejects as `JavaScriptSandbox.run` does, and with `OPTION_INVALID` where
 * there is nothing to compare with.
 *
 * @param options - How programs are run and judged.
 */
export function javascript(options?: JavaScriptOptions): JavaScriptVerifier {
	const { expected, compare, tolerance, tests, tellAnswer, ...limits } = readOptions(
		{
			...sandboxChecks,
			expected: optional(taskText),
			compare: withDefault(oneOf('auto', 'exact', 'numeric'), 'auto'),
			tolerance: withDefault(number(0, Infinity), 1e-6),
			tests: optional(taskText),
			tellAnswer: withDefault(boolean, false),
		},
		options,
		'javascript',
	);
	const sandbox = new JavaScriptSandbox(limits);

	const isRight = (printed: string, right: string, task: Task) => {
		if (compare === 'exact' || (compare === 'auto' && !isNumeric(right))) return sameText(printed, right);
		const wanted = expectedNumber(right, task, 'javascript');
		const value = lastNumber(printed);
		return value !== undefined && sameNumber(value, wanted, tolerance);
	};
	const judge = (result: ProgramResult, right: string | undefined, task: Task): Verdict => {
		const trouble = describeEnd(result, limits);
		if (trouble !== undefined) return { outcome: 'fail', message: trouble };
		const printed = quote(result.printed) || 'nothing';
		const isShort = !printed.includes('\n');
		if (right === undefined || isRight(result.printed, right, task))
			return {
				outcome: 'pass',
				message: isShort ? `The program printed ${printed}.` : `The program printed:\n${printed}`,
			};
		const told = tellAnswer ? ` The answer is ${quote(right)}.` : '';
		const message = isShort
			? `The program printed ${printed}, but that is not the answer.`
			: `The program printed:\n${printed}\nThat is not the answer.`;
		return { outcome: 'fail', message: message + told };
	};
	const wanted = (task: Task) => {
		const code = tests === undefined ? undefined : textFor(task, tests, 'tests');
		return code === undefined ? { right: expectedAnswer(task, expected, 'javascript') } : { tests: code };
	};

	const verify: Verifier = async (answer, { task, signal }) => {
		const { right, tests } = wanted(task);
		const code = codeOf(answer, javaScriptLabels);
		if (code === undefined)
			return { outcome: 'fail', message: 'There is no JavaScript program in the answer.' };
		return judge(await sandbox.run(code, { tests, signal }), right, task);
	};
	const dispose = () => sandbox.dispose();
	return Object.assign(verify, { dispose, [asyncDispose]: dispose });
}

type Limits = Required<Pick<SandboxOptions, 'timeoutMs' | 'memoryMiB' | 'outputLimit'>>;

function describeEnd({ stopped, error }: ProgramResult, limits: Limits): string | undefined {
	switch (stopped) {
		case 'time':
			return `The program was stopped: it ran for more than ${limits.timeoutMs / 1000} seconds.`;
		case 'memory':
			return `The program was stopped: it used more than ${limits.memoryMiB} MiB of memory.`;
		case 'output':
			return `The program was stopped: it printed more than ${limits.outputLimit} characters.`;
		case 'stack':
			return 'The program was stopped: it calls itself too deeply.';
		case 'crash':
			return 'The program was stopped: it crashed.';
	}
	if (error === undefined) return undefined;
	const line = error.line === undefined ? '' : ` at line ${error.line}`;
	const text = quote(error.text);
	return error.isTested
		? `A test of the program failed${line}: ${text.replace(/^Error: /, '')}`
		: `The program failed${line}: ${text}`;
}
