// Puts a server to the test: many requests at once, some of which are given up, and requests that are none. Usage:
// npx tsx test/serve/trials.ts [--requests 200] [--malformed 100000] [--seed 1]
import { Command } from 'commander';
import { loadModel } from '../../lib/index.js';
import { Choices } from '../support/choices.js';
import { formModel } from '../support/models.js';
import { crowd } from './support/crowd.js';
import { malformed } from './support/malformed.js';
import { serving } from './support/server.js';

const count = (value: string) => Number(value);

await new Command('trials')
	.option('--requests <n>', 'streaming requests at a time', count, 200)
	.option('--malformed <n>', 'requests that are none', count, 100_000)
	.option('--seed <n>', 'of the choices', count, 1)
	.action(async (flags: { requests: number; malformed: number; seed: number }) => {
		await using model = await loadModel(formModel);
		const server = await serving(model, {
			parallel: 8,
			queue: 1000,
			session: { threads: 1, contextLength: 16_384 },
		});
		try {
			const choices = new Choices(flags.seed, 'trials');
			for (let round = 1; round <= 3; round++)
				console.log(`round ${round}: ${JSON.stringify(await crowd(server, model, flags.requests, choices))}`);
			console.log(`malformed: ${JSON.stringify(await malformed(server, flags.malformed, choices))}`);
			console.log(`health: ${(await fetch(`${server.url}/health`)).status}`);
		} finally {
			await server.close();
		}
	})
	.parseAsync();
