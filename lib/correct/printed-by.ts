import { finalAnswer } from './parts.js';
import type { AgreeBy } from './presets/agree.js';
import type { JavaScriptSandbox } from './sandbox/sandbox.js';
import { javaScriptLabels } from './verifiers/javascript.js';
import { codeOf } from './verifiers/support/fenced.js';

/**
 * For `agree` and `peers` where answers are programs: they agree when what they print does. A program that
 * fails agrees with its like alone.
 */
export function printedBy(sandbox: JavaScriptSandbox): AgreeBy {
	return async (text) => {
		const code = codeOf(text, javaScriptLabels);
		if (code === undefined) return text;
		const { printed, stopped, error } = await sandbox.run(code);
		return stopped || error ? text : finalAnswer(printed);
	};
}
