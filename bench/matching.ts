// Who finds earlier places of a text's end, and in what time.
import { execFileSync } from 'node:child_process';
import Table from 'cli-table3';
import { Command } from 'commander';
import { buildProgram } from './pass-cost/programs.js';
import { runCommand } from './support.js';

interface Row {
	tokens: number;
	/** 0 where no context is searched for. */
	contexts: number;
	by: string;
	micros: number;
}

await runCommand(
	new Command('matching')
		.description(
			'Times searches for 1, 8 and 64 contexts by the index, by the twin of the CUDA kernels and, where the build has CUDA, by the device.',
		)
		.option('--tokens <n,…>', 'lengths of the text', '1e4,1e5,1e6,1e7')
		.option('--json', 'print JSON')
		.action(({ tokens, json }: { tokens: string; json?: boolean }) => {
			const output = execFileSync(buildProgram('reprise-matching', 'ours', 'native'), [tokens], {
				encoding: 'utf8',
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			if (json) {
				process.stdout.write(output);
				return;
			}
			const table = new Table({ head: ['tokens', 'contexts', 'by', 'µs', 'GB/s'] });
			for (const { tokens, contexts, by, micros } of JSON.parse(output) as Row[])
				table.push([
					tokens,
					contexts || '',
					by,
					micros.toFixed(1),
					((4 * tokens) / micros / 1000).toFixed(1),
				]);
			console.log(table.toString());
		}),
);
