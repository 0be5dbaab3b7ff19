import { Command, InvalidArgumentError, Option } from 'commander';
import { type Cache, cacheNames, type Tally } from '../support/operations/kinds.js';
import { playOperations } from '../support/operations/play.js';

function integer(value: string): number {
	const number = Number(value);
	if (!Number.isSafeInteger(number) || number < 0)
		throw new InvalidArgumentError('Expected an integer from 0 on.');
	return number;
}

function summary(cache: Cache, tally: Tally): string {
	const { operations, rounds, compared, tokens, accepted, nearTies, shifts, rounding } = tally;
	return (
		`${cache}: ${operations} operations in ${rounds} families, ${compared} generations compared, ` +
		`${tokens} tokens (${accepted} drafted), ${shifts} shifts, ${nearTies} near-ties; ` +
		`margins differ by at most ${rounding.f32.toFixed(5)} (f32), ${rounding.f16.toFixed(5)} (f16), ` +
		`${rounding.flash.toFixed(5)} (flash attention)`
	);
}

// As the tests do: CONTRIBUTING.md.
const onDevice = process.env.REPRISE_TEST_DEVICE_LOGITS === 'on';
if (onDevice) await import('../support/device-logits.js');

interface Options {
	operations: number;
	cache: Cache | 'all';
	seed: number;
	round?: number;
	verbose?: true;
}

const command = new Command('random-operations')
	.description(
		'Plays random operations on families of sessions and holds each session against one alone. ' +
			'Prints seed and operations of the first that goes on otherwise, and then ends with status 1.',
	)
	.option('--operations <n>', 'how many, on each kind of cache', integer, 10_000)
	.addOption(new Option('--cache <kind>', 'kind of cache').choices([...cacheNames, 'all']).default('all'))
	.option('--seed <n>', 'seed of all choices', integer, 1)
	.option('--round <n>', 'play one family alone, as a failure names it', integer)
	.option('--verbose', 'print operations before they are played, to find what ends the process')
	.action(async ({ operations, cache, seed, round, verbose }: Options) => {
		for (const kind of cache === 'all' ? cacheNames : [cache]) {
			let next = Date.now() + 30_000;
			const tally = await playOperations({
				cache: kind,
				seed,
				operations,
				...(round === undefined ? {} : { round }),
				...(verbose ? { onOperation: console.log } : {}),
				onRound: (sums) => {
					if (Date.now() < next) return;
					next = Date.now() + 30_000;
					console.error(summary(kind, sums));
				},
			});
			console.log(`${summary(kind, tally)}; seed ${seed}${onDevice ? ', logits on the device' : ''}: clean`);
		}
	});

command.parseAsync().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
