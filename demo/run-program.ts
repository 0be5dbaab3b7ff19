import { runInNewContext } from 'node:vm';

/** What the JavaScript in a reply prints, or why it prints nothing. */
export function runProgram(reply: string): string {
	const program = /```js\n([\s\S]*?)\n```/.exec(reply)?.[1];
	if (program === undefined) return 'nothing: there is no program in the reply';
	const printed: string[] = [];
	const log = (...values: unknown[]) => printed.push(values.join(' '));
	try {
		runInNewContext(program, { console: { log } }, { timeout: 1000 });
	} catch (error) {
		return `nothing: ${error instanceof Error ? error.message : error}`;
	}
	return printed.join('\n');
}
