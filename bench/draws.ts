// What a draw takes on one core.
import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import { buildProgram } from './pass-cost/programs.js';
import { runCommand } from './support.js';

await runCommand(
	new Command('draws')
		.description('Times draws from random logits of a large vocabulary, on one core.')
		.action(() => {
			execFileSync(buildProgram('reprise-draws', 'ours', 'native'), { stdio: 'inherit' });
		}),
);
