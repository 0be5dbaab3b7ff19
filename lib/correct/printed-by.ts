import { finalAnswer } from './parts.js';
import type { AgreeBy } from './presets/agree.js';
import type { JavaScriptSandbox } from './sandbox/sandbox.js';
import { javaScriptLabels } from './verifiers/javascript.js';
import { codeOf } from './verifiers/support/fenced.js';

/**
 * Lets programs agree in `agree` and `peers` when what they print agrees. A program that fails agrees only
 * with the same text.
 *
 * @param sandbox - Where the programs run.
 */
export function printedBy(sandbox: JavaScriptSandbox): AgreeBy {
	return async (text) => {
		const code = codeOf(text, javaScriptLabels);
		if (code === undefined) return text;
		const { printed, stopped, error } = await sandbox.run(code);
		return stopped || error ? text : finalAnswer(printed);
	};
}
