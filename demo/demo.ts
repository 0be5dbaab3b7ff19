import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { numberOption } from '../lib/cli/flag.js';
import { interruptedExitCode, onInterrupt } from '../lib/cli/interrupt.js';
import { javascript } from '../lib/correct/verifiers/index.js';
import { RepriseError } from '../lib/index.js';
import { integer } from '../lib/options.js';
import { heldOutEdits, heldOutProblems } from './held-out.js';
import { showAll } from './live.js';
import { measureAll } from './measure.js';
import { page } from './page.js';

const embedded = fileURLToPath(new URL('../models/reprise-2m.gguf', import.meta.url));

const command = new Command('npm run demo --')
	.description('A tiny model solves word problems, mends its mistakes and edits texts: live, then measured.')
	.option('--model <file>', 'another GGUF file that has learnt these tasks', embedded)
	.addOption(numberOption('--problems <n>', 'word problems to measure', integer(1, 1000)).default(50))
	.addOption(numberOption('--edits <n>', 'edits of three turns to measure', integer(1, 1000)).default(30))
	.addOption(numberOption('--seed <n>', 'for other problems and edits', integer(0, 2 ** 32 - 1)).default(1));

async function show(signal: AbortSignal): Promise<void> {
	const { model, problems, edits, seed } = command
		.parse()
		.opts<{ model: string; problems: number; edits: number; seed: number }>();
	await using verify = javascript({ threads: 1 });
	const stage = { path: model, verify, signal };
	const tasks = heldOutProblems(problems, seed);
	const talks = heldOutEdits(edits, seed);
	await showAll(stage, tasks, talks);
	await measureAll(stage, tasks, talks);
}

const { signal, release } = onInterrupt();
try {
	await show(signal);
} catch (error) {
	page.line();
	if (signal.aborted) {
		process.stderr.write('Interrupted\n');
		process.exitCode = interruptedExitCode;
	} else if (error instanceof RepriseError) {
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 1;
	} else throw error;
} finally {
	release();
}
