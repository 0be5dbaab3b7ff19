// How far the margin of one and the same token differs between plain and drafted passes, by cache type: the
// reason of the near-tie thresholds (cpp/engine/near_tie.h) and the table in docs/lossless.md.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel, type Model } from '../lib/model.js';
import type { Session } from '../lib/session.js';
import type { CacheType, SessionOptions } from '../lib/session-options.js';
import { Choices } from '../test/support/choices.js';
import { corrupt } from '../test/support/corrupt.js';
import { embeddedModel, randomModel, tinyShapes } from '../test/support/models.js';
import { anyPrompt, editPrompt } from '../test/support/prompts.js';
import { run } from '../test/support/runs.js';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { prompts: { type: 'string', default: '12' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
	console.log(
		'npx tsx bench/margins.ts [--prompts N] [MODEL…]: differences of margins by cache type (default: the test models)',
	);
	process.exit();
}
const prompts = Number(values.prompts);
const sizes = [1, 4, 16, 64];
const maxTokens = 40;
const contextLength = (model: Model) => Math.min(512, model.info.trainedContextLength);

type Attention = 'on' | 'off';
const combinations: Array<{ keyType: CacheType; valueType: CacheType; attention: Attention[] }> = [
	{ keyType: 'f32', valueType: 'f32', attention: ['off', 'on'] },
	{ keyType: 'f16', valueType: 'f16', attention: ['off', 'on'] },
	{ keyType: 'q8_0', valueType: 'f16', attention: ['off', 'on'] },
	{ keyType: 'q4_0', valueType: 'f16', attention: ['off', 'on'] },
	{ keyType: 'f16', valueType: 'q8_0', attention: ['on'] },
	{ keyType: 'f16', valueType: 'q4_0', attention: ['on'] },
	{ keyType: 'q8_0', valueType: 'q8_0', attention: ['on'] },
	{ keyType: 'q4_0', valueType: 'q4_0', attention: ['on'] },
];

/** Differences of margins up to where the texts part, and the plain margin there. */
interface Differences {
	all: number[];
	forks: number[];
	runs: number;
}

async function compare(session: Session, model: Model, name: string, found: Differences): Promise<void> {
	const choices = new Choices(1, name);
	for (let i = 0; i < prompts; i++) {
		const prompt = model.info.chatTemplate?.includes('im_start') ? editPrompt(choices) : anyPrompt(choices);
		const tokens = model
			.tokenize(prompt, { addSpecial: model.info.addBos, parseSpecial: true })
			.slice(-(contextLength(model) - maxTokens - 1));
		for (const temperature of [0, 1]) {
			const options = { temperature, seed: i, maxTokens };
			const plain = await run(session, tokens, { ...options, draft: 'off' });
			const variant = (spacing: number) => corrupt(plain.tokens, spacing, model.info.vocabularySize, choices);
			await session.clearReferences();
			await session.addReference(variant(6));
			for (const size of sizes) {
				const drafted = await run(session, tokens, {
					...options,
					draft: { size },
					prediction: variant(10),
				});
				found.runs++;
				for (const [at, margin] of plain.margins.entries()) {
					if (plain.tokens[at] !== drafted.tokens[at]) {
						found.forks.push(margin);
						break;
					}
					found.all.push(Math.abs(margin - (drafted.margins[at] as number)));
				}
			}
		}
	}
}

function summary({ all, forks, runs }: Differences): string {
	all.sort((a, b) => a - b);
	const share = (part: number) => (all[Math.floor(part * (all.length - 1))] ?? 0).toFixed(4);
	const widest = Math.max(0, ...forks).toFixed(4);
	return `tokens ${all.length}, median ${share(0.5)}, 99 % ${share(0.99)}, 99.9 % ${share(0.999)}, largest ${share(1)}, forks ${forks.length} of ${runs}, widest ${widest}`;
}

const paths =
	positionals.length > 0
		? positionals
		: [embeddedModel, ...(await Promise.all(tinyShapes.map((shape) => randomModel(shape))))];
const totals = new Map<string, Differences>();
for (const path of paths) {
	const model = await loadModel(path);
	for (const { keyType, valueType, attention } of combinations)
		for (const flashAttention of attention) {
			const kind = `${keyType} ${valueType} flash ${flashAttention}`;
			const options: SessionOptions = {
				keyType,
				valueType,
				flashAttention,
				threads: 1,
				contextLength: contextLength(model),
			};
			const found: Differences = { all: [], forks: [], runs: 0 };
			try {
				const session = await model.createSession(options);
				await compare(session, model, basename(path), found);
				await session.dispose();
			} catch (error) {
				console.log(`${basename(path)} ${kind}: ${(error as Error).message}`);
				continue;
			}
			console.log(`${basename(path)} ${kind}: ${summary(found)}`);
			const total = totals.get(kind) ?? { all: [], forks: [], runs: 0 };
			total.all.push(...found.all);
			total.forks.push(...found.forks);
			total.runs += found.runs;
			totals.set(kind, total);
		}
	await model.dispose();
}
for (const [kind, total] of totals) console.log(`ALL ${kind}: ${summary(total)}`);
