import type { GenerateOptions } from '../../../lib/generate-options.js';
import { corrupt } from '../corrupt.js';
import { noEnd } from '../endless.js';
import { type Run, run } from '../runs.js';
import { equal, type Family, maxTokensHeld } from './family.js';
import type { Member } from './kinds.js';

/** The operations that generate. What is generated with drafts is held against the same without. */
export class Generations {
	constructor(private readonly family: Family) {}

	async abortPrompt(member: Member): Promise<void> {
		const room = this.family.maxHistory - 4 - member.history.length;
		if (room < 1 || member.twin) return;
		const prompt = Int32Array.from([...member.history, ...this.family.text(Math.min(200, room))]);
		this.family.note(`abort ${member.name} in its prompt of ${prompt.length}`);
		const generation = member.session.generate(prompt, {
			onPrefill: () => generation.abort(),
			maxTokens: 3,
			logitBias: noEnd(this.family.model),
			draft: this.draft(),
		});
		const { tokens } = await generation.result;
		member.history = Int32Array.from([...prompt, ...tokens]);
		await this.family.checkHistory(member);
	}

	private draft(): GenerateOptions['draft'] & {} {
		const drafts = ['off', 'auto', ...[1, 2, 3, 5, 8, 16, 40, 120].map((size) => ({ size }))] as const;
		return this.family.choices.of<GenerateOptions['draft'] & {}>(drafts);
	}

	/** Options of a generation, the same for a session and the one it is held against. */
	private sampling(member: Member): GenerateOptions {
		const most = this.family.choices.of([1, 4, 12, 30]);
		const room =
			this.family.filling === 'roomy' ? Math.max(1, maxTokensHeld + 60 - member.history.length) : most;
		return {
			maxTokens: Math.min(room, 1 + this.family.choices.below(most)),
			temperature: this.family.choices.of([0, 0.8]),
			seed: this.family.choices.below(1000),
			logitBias: noEnd(this.family.model),
		};
	}

	private shifted(history: Int32Array, tokens: Int32Array): Int32Array {
		const text = [...history];
		for (const token of tokens) {
			if (this.family.shifting && text.length > this.family.contextLength) {
				text.splice(4, (text.length - 4) >> 1);
				this.family.tally.shifts++;
			}
			text.push(token);
		}
		return Int32Array.from(text);
	}

	async generate(members: Member[]): Promise<void> {
		const ready = members.filter(({ history }) => history.length > 0);
		const wanted = ready.map((member) => ({ member, sampling: this.sampling(member), draft: this.draft() }));
		for (const { member, sampling, draft } of wanted)
			this.family.note(
				`generate ${sampling.maxTokens} in ${member.name} after ${member.history.length}, drafts ${JSON.stringify(draft)}` +
					`, temperature ${sampling.temperature}${ready.length > 1 ? `, ${ready.length} at once` : ''}`,
			);
		const plans: Array<{
			member: Member;
			sampling: GenerateOptions;
			plain: Run | null;
			options: GenerateOptions;
		}> = [];
		for (const { member, sampling, draft } of wanted) {
			const plain = await this.family.oracle.plain(member, sampling);
			const prediction = plain
				? corrupt(plain.tokens, 5, this.family.model.info.vocabularySize, this.family.choices)
				: member.history;
			const drafting = draft === 'off' || prediction.length === 0 ? {} : { prediction };
			plans.push({ member, sampling, plain, options: { ...sampling, draft, ...drafting } });
		}
		const runs = await Promise.all(plans.map(({ member, options }) => run(member.session, null, options)));
		for (const [i, { member, sampling, plain }] of plans.entries())
			await this.takeOver(member, sampling, plain, runs[i] as Run, ready.length > 1);
	}

	/** Takes over what was generated, having held it against the plain generation. */
	private async takeOver(
		member: Member,
		sampling: GenerateOptions,
		plain: Run | null,
		generated: Run,
		together: boolean,
	): Promise<void> {
		this.family.tally.tokens += generated.tokens.length;
		this.family.tally.accepted += generated.metrics.accepted;
		const before = member.history;
		const after = this.shifted(before, generated.tokens);
		member.history = after;
		if (this.family.filling === 'crowded') {
			const history = await member.session.history();
			if (!equal(history, after)) member.comparable = false; // It shifted to make room.
			if (!member.comparable) member.history = history;
		} else {
			await this.family.checkHistory(member);
			if (generated.tokens.length < (sampling.maxTokens as number))
				this.family.fail(
					`${member.name} ended after ${generated.tokens.length} tokens: ${generated.finishReason}`,
				);
		}
		if (!plain || !member.comparable) {
			if (!plain) member.comparable = member.comparable && !this.family.shifting;
			return;
		}
		let against = plain;
		if (member.twin && generated.metrics.reusedTokens < plain.metrics.reusedTokens) {
			// It was computed anew before.
			await this.family.oracle.forgetTwin(member);
			member.history = before;
			const fresh = await this.family.oracle.plain(member, sampling);
			member.history = after;
			if (!fresh) {
				member.comparable = false;
				return;
			}
			against = fresh;
		}
		const verdict = this.family.oracle.compare(member, against, generated);
		if (verdict !== 'same') {
			if (verdict === 'near tie') this.family.tally.nearTies++;
			// A session that has shifted is computed anew in the middle where another moves cells that they share.
			else if (!(member.twin && together)) this.family.fail(verdict);
			if (member.twin) member.comparable = false;
			await this.family.oracle.forgetTwin(member);
		} else if (!generated.tokens.length || generated.tokens.length < against.tokens.length) {
			// It found no room for all; a twin that has generated more is no twin.
			if (member.twin) member.comparable = false;
			await this.family.oracle.forgetTwin(member);
		}
	}

	async abort(member: Member): Promise<void> {
		if (member.history.length === 0 || member.twin) return;
		const most = Math.min(30, this.family.contextLength - member.history.length);
		if (most < 1) return;
		const sampling = { ...this.sampling(member), maxTokens: most };
		const after = this.family.choices.below(12);
		this.family.note(`abort ${member.name} after ${member.history.length} + ${after}`);
		const plain = member.comparable
			? await run(await this.family.oracle.fresh(member), null, { ...sampling, draft: 'off' })
			: null;
		const generation = member.session.generate(null, {
			...sampling,
			draft: this.draft(),
			...(plain
				? { prediction: corrupt(plain.tokens, 5, this.family.model.info.vocabularySize, this.family.choices) }
				: {}),
		});
		const margins: number[] = [];
		for await (const chunk of generation) {
			margins.push(...chunk.margins);
			if (margins.length > after) break;
		}
		const result = await generation.result;
		const generated: Run = {
			...result,
			tokens: result.tokens.slice(0, margins.length),
			margins: Float32Array.from(margins),
		};
		member.history = Int32Array.from([...member.history, ...result.tokens]);
		if (this.family.filling === 'crowded' && this.family.shifting) member.comparable = false;
		await this.family.checkHistory(member);
		const verdict =
			plain && member.comparable ? this.family.oracle.compare(member, plain, generated) : 'same';
		if (verdict === 'near tie') this.family.tally.nearTies++;
		else if (verdict !== 'same') this.family.fail(verdict);
	}
}
