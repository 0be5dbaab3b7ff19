import { join } from 'node:path';
import type { GenerateOptions } from '../../../lib/generate-options.js';
import type { Model } from '../../../lib/model.js';
import type { Session } from '../../../lib/session.js';
import type { SessionOptions } from '../../../lib/session-options.js';
import type { Choices } from '../choices.js';
import { corrupt } from '../corrupt.js';
import { noEnd } from '../endless.js';
import { type Run, run } from '../runs.js';
import {
	type Filling,
	type Member,
	type Memory,
	memories,
	type Operation,
	operations,
	type Tally,
	WrongSession,
} from './kinds.js';
import { Oracle, type References } from './oracle.js';

interface Saved {
	path: string;
	history: Int32Array;
	shifted: boolean;
}

const mostMembers = 5;
const mostTokens = 280;

/** One family of sessions and what was done to it. */
export class Round {
	readonly log: string[] = [];
	private readonly members: Member[] = [];
	private readonly saved: Saved[] = [];
	private readonly filling: Filling;
	private readonly options: SessionOptions;
	private readonly phrases: Int32Array[];
	private readonly oracle: Oracle;
	private named = 0;

	constructor(
		private readonly model: Model,
		memory: Memory,
		private readonly choices: Choices,
		references: References,
		private readonly folder: string,
		private readonly tally: Tally,
		private readonly onOperation?: (text: string) => void,
	) {
		this.filling = choices.of(['roomy', 'roomy', 'shifting', 'crowded']);
		const cacheType = choices.of(['f32', 'f32', 'f16'] as const);
		const contextLength = {
			roomy: choices.of([2048, 2048, 4096]),
			shifting: choices.chance(20) ? 8 + choices.below(8) : 24 + choices.below(25),
			crowded: choices.of([256, 512]),
		}[this.filling];
		const batchSize = choices.of([2048, 64, 32]);
		this.options = {
			contextLength,
			overflow: this.filling === 'shifting' ? 'shift' : choices.of(['error', 'shift']),
			batchSize,
			microBatchSize: choices.of([512, 32, 16]),
			maxSequences: choices.of([0, mostMembers, 7, 12]),
			flashAttention: choices.of(['off', 'off', 'on']),
			keyType: cacheType,
			valueType: cacheType,
			threads: 1,
			...memories[memory].options,
		};
		this.oracle = new Oracle(model, this.filling, this.options, references, tally);
		// Few phrases, so that texts repeat themselves and drafts are found.
		this.phrases = Array.from({ length: 6 }, () =>
			Int32Array.from({ length: 1 + choices.below(12) }, () => 300 + choices.below(40)),
		);
		this.note(`${this.filling}: ${JSON.stringify(this.options)}`);
	}

	private note(text: string): void {
		this.log.push(text);
		this.onOperation?.(text);
	}

	private get contextLength(): number {
		return this.options.contextLength as number;
	}
	private get shifting(): boolean {
		return this.options.overflow === 'shift';
	}

	async play(count: number): Promise<void> {
		const session = await this.model.createSession(this.options);
		this.members.push({ name: 'a', session, history: new Int32Array(), twin: null, comparable: true });
		this.named = 1;
		try {
			await this.prefill(this.members[0] as Member);
			for (let i = 0; i < count; i++) {
				await this.operate();
				this.tally.operations++;
			}
			for (const member of this.members) await this.generate([member]);
		} finally {
			for (const { session, twin } of this.members) {
				await session.dispose();
				await twin?.dispose();
			}
			await this.oracle.dispose();
		}
	}

	private async operate(): Promise<void> {
		const member = this.choices.of(this.members);
		// Such a session is of use again once it has a history of its own.
		if (!member.comparable && this.choices.chance(60)) return this.reset(member);
		let left = this.choices.below(Object.values(operations).reduce((sum, share) => sum + share, 0));
		const [operation] = Object.entries(operations).find(([, share]) => {
			left -= share;
			return left < 0;
		}) as [Operation, number];
		await this.one(operation, member);
	}

	private async one(operation: Operation, member: Member): Promise<void> {
		switch (operation) {
			case 'generate':
				return this.generate([member]);
			case 'generate at once':
				return this.generate(this.members);
			case 'generate beside':
				return this.generateBeside(member);
			case 'append':
				return this.append(member);
			case 'prefill':
				return this.prefill(member);
			case 'rollback':
				return this.rollback(member);
			case 'fork':
				return this.fork(member);
			case 'drop':
				return this.drop(member);
			case 'save':
				return this.save(member);
			case 'load':
				return this.load(member);
			case 'abort':
				return this.abort(member);
			case 'abort prompt':
				return this.abortPrompt(member);
		}
	}

	private text(most: number): Int32Array {
		const wanted = 1 + this.choices.below(most);
		const tokens: number[] = [];
		while (tokens.length < wanted) tokens.push(...this.choices.of(this.phrases));
		return Int32Array.from(tokens.slice(0, wanted));
	}

	private get mostHistory(): number {
		return this.filling === 'roomy' ? mostTokens : this.contextLength;
	}

	/** Checks that the session's history is what it must be. */
	private async checkHistory(member: Member): Promise<void> {
		const history = await member.session.history();
		if (!member.comparable) member.history = history;
		else if (!equal(history, member.history))
			this.fail(
				`${member.name} has a history of ${history.length} tokens in place of ${member.history.length}`,
			);
	}

	private fail(message: string): never {
		throw new WrongSession(message);
	}

	/** A crowded cache may refuse what a session alone could do. */
	private mayRefuse(error: unknown): boolean {
		return this.filling === 'crowded' && (error as { code?: string }).code === 'CONTEXT_OVERFLOW';
	}

	/** What is computed anew knows nothing of what was dropped by a shift. */
	private async compute(
		member: Member,
		call: (session: Session) => Promise<{ reusedTokens: number }>,
	): Promise<void> {
		try {
			const { reusedTokens } = await call(member.session);
			const same = member.twin && (await call(member.twin)).reusedTokens;
			if (same !== null && reusedTokens < same) await this.oracle.forgetTwin(member);
		} catch (error) {
			if (!this.mayRefuse(error)) throw error;
			await this.oracle.forgetTwin(member);
		}
	}

	private async reset(member: Member): Promise<void> {
		const prompt = this.text(Math.min(60, this.mostHistory));
		this.note(`reset ${member.name} to ${prompt.length}`);
		await member.session.rollback(0);
		await this.oracle.forgetTwin(member);
		member.history = prompt;
		member.comparable = true;
		await this.compute(member, (session) => session.prefill(prompt));
		await this.checkHistory(member);
	}

	private async prefill(member: Member): Promise<void> {
		const most = this.mostHistory;
		const kept = member.history.slice(0, this.choices.below(1 + Math.min(member.history.length, most - 1)));
		const added = this.text(Math.min(this.choices.of([8, 60, 200]), most - kept.length));
		const prompt = Int32Array.from([...kept, ...added]);
		this.note(`prefill ${member.name} with ${kept.length} + ${added.length}`);
		member.history = prompt;
		await this.compute(member, (session) => session.prefill(prompt));
		await this.checkHistory(member);
	}

	private async append(member: Member): Promise<void> {
		const room = this.mostHistory - member.history.length;
		if (room < 1) return;
		const added = this.text(Math.min(this.choices.of([4, 40]), room));
		this.note(`append ${added.length} to ${member.name}`);
		member.history = Int32Array.from([...member.history, ...added]);
		await this.compute(member, (session) => session.append(added));
		await this.checkHistory(member);
	}

	private async rollback(member: Member): Promise<void> {
		const length = this.choices.chance(40)
			? Math.max(0, member.history.length - 1 - this.choices.below(8))
			: this.choices.below(member.history.length + 1);
		this.note(`rollback ${member.name} from ${member.history.length} to ${length}`);
		member.history = member.history.slice(0, length);
		await member.session.rollback(length);
		await member.twin?.rollback(length);
		await this.checkHistory(member);
	}

	private async fork(member: Member): Promise<void> {
		if (this.members.length >= mostMembers) return;
		const name = String.fromCharCode(97 + (this.named++ % 26));
		this.note(`fork ${member.name} as ${name}`);
		const session = await member.session.fork();
		const comparable = member.comparable && member.twin === null;
		this.members.push({ name, session, history: member.history, twin: null, comparable });
	}

	private async drop(member: Member): Promise<void> {
		if (this.members.length === 1) return;
		this.note(`drop ${member.name}`);
		this.members.splice(this.members.indexOf(member), 1);
		await member.session.dispose();
		await this.oracle.forgetTwin(member);
	}

	private async save(member: Member): Promise<void> {
		const path = join(this.folder, `${this.saved.length % 3}.state`);
		this.note(`save ${member.name} to ${this.saved.length % 3}`);
		await member.session.save(path);
		const shifted = member.twin !== null || !member.comparable;
		this.saved[this.saved.length % 3] = { path, history: member.history, shifted };
	}

	private async load(member: Member): Promise<void> {
		if (this.saved.length === 0) return;
		const { path, history, shifted } = this.choices.of(this.saved);
		this.note(`load ${path.at(-7)} of ${history.length} tokens into ${member.name}`);
		await member.session.load(path);
		await this.oracle.forgetTwin(member);
		member.history = history;
		member.comparable = !shifted;
		await this.checkHistory(member);
	}

	private async abortPrompt(member: Member): Promise<void> {
		const room = this.mostHistory - 4 - member.history.length;
		if (room < 1 || member.twin) return;
		const prompt = Int32Array.from([...member.history, ...this.text(Math.min(200, room))]);
		this.note(`abort ${member.name} in its prompt of ${prompt.length}`);
		const generation = member.session.generate(prompt, {
			onPrefill: () => generation.abort(),
			maxTokens: 3,
			logitBias: noEnd(this.model),
			draft: this.draft(),
		});
		const { tokens } = await generation.result;
		member.history = Int32Array.from([...prompt, ...tokens]);
		await this.checkHistory(member);
	}

	private draft(): GenerateOptions['draft'] & {} {
		const drafts = ['off', 'auto', ...[1, 2, 3, 5, 8, 16, 40, 120].map((size) => ({ size }))] as const;
		return this.choices.of<GenerateOptions['draft'] & {}>(drafts);
	}

	/** Options of a generation, the same for a session and the one it is held against. */
	private sampling(member: Member): GenerateOptions {
		const most = this.choices.of([1, 4, 12, 30]);
		const room = this.filling === 'roomy' ? Math.max(1, mostTokens + 60 - member.history.length) : most;
		return {
			maxTokens: Math.min(room, 1 + this.choices.below(most)),
			temperature: this.choices.of([0, 0.8]),
			seed: this.choices.below(1000),
			logitBias: noEnd(this.model),
		};
	}

	private shifted(history: Int32Array, tokens: Int32Array): Int32Array {
		const text = [...history];
		for (const token of tokens) {
			if (this.shifting && text.length > this.contextLength) {
				text.splice(4, (text.length - 4) >> 1);
				this.tally.shifts++;
			}
			text.push(token);
		}
		return Int32Array.from(text);
	}

	private async generate(members: Member[]): Promise<void> {
		const ready = members.filter(({ history }) => history.length > 0);
		const wanted = ready.map((member) => ({ member, sampling: this.sampling(member), draft: this.draft() }));
		for (const { member, sampling, draft } of wanted)
			this.note(
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
			const plain = await this.oracle.plain(member, sampling);
			const prediction = plain
				? corrupt(plain.tokens, 5, this.model.info.vocabularySize, this.choices)
				: member.history;
			const drafting = draft === 'off' || prediction.length === 0 ? {} : { prediction };
			plans.push({ member, sampling, plain, options: { ...sampling, draft, ...drafting } });
		}
		const runs = await Promise.all(plans.map(({ member, options }) => run(member.session, null, options)));
		for (const [i, { member, sampling, plain }] of plans.entries())
			await this.settle(member, sampling, plain, runs[i] as Run, ready.length > 1);
	}

	/** Takes over what a generation said, having held it against the plain one. */
	private async settle(
		member: Member,
		sampling: GenerateOptions,
		plain: Run | null,
		said: Run,
		together: boolean,
	): Promise<void> {
		this.tally.tokens += said.tokens.length;
		this.tally.accepted += said.metrics.accepted;
		const before = member.history;
		const after = this.shifted(before, said.tokens);
		member.history = after;
		if (this.filling === 'crowded') {
			const history = await member.session.history();
			if (!equal(history, after)) member.comparable = false; // it shifted to make room
			if (!member.comparable) member.history = history;
		} else {
			await this.checkHistory(member);
			if (said.tokens.length < (sampling.maxTokens as number))
				this.fail(`${member.name} ended after ${said.tokens.length} tokens: ${said.finishReason}`);
		}
		if (!plain || !member.comparable) {
			if (!plain) member.comparable = member.comparable && !this.shifting;
			return;
		}
		let against = plain;
		if (member.twin && said.metrics.reusedTokens < plain.metrics.reusedTokens) {
			// It was computed anew before.
			await this.oracle.forgetTwin(member);
			member.history = before;
			const fresh = await this.oracle.plain(member, sampling);
			member.history = after;
			if (!fresh) {
				member.comparable = false;
				return;
			}
			against = fresh;
		}
		const verdict = this.oracle.compare(member, against, said);
		if (verdict !== 'same') {
			if (verdict === 'near tie') this.tally.nearTies++;
			// A session that has shifted is computed anew in the middle where another moves cells that they share.
			else if (!(member.twin && together)) this.fail(verdict);
			if (member.twin) member.comparable = false;
			await this.oracle.forgetTwin(member);
		} else if (!said.tokens.length || said.tokens.length < against.tokens.length) {
			// It found no room for all; a twin that has said more is no twin.
			if (member.twin) member.comparable = false;
			await this.oracle.forgetTwin(member);
		}
	}

	private async abort(member: Member): Promise<void> {
		if (member.history.length === 0 || member.twin) return;
		const most = Math.min(30, this.contextLength - member.history.length);
		if (most < 1) return;
		const sampling = { ...this.sampling(member), maxTokens: most };
		const after = this.choices.below(12);
		this.note(`abort ${member.name} after ${member.history.length} + ${after}`);
		const plain = member.comparable
			? await run(await this.oracle.fresh(member), null, { ...sampling, draft: 'off' })
			: null;
		const generation = member.session.generate(null, {
			...sampling,
			draft: this.draft(),
			...(plain
				? { prediction: corrupt(plain.tokens, 5, this.model.info.vocabularySize, this.choices) }
				: {}),
		});
		const margins: number[] = [];
		for await (const chunk of generation) {
			margins.push(...chunk.margins);
			if (margins.length > after) break;
		}
		const result = await generation.result;
		const said: Run = {
			...result,
			tokens: result.tokens.slice(0, margins.length),
			margins: Float32Array.from(margins),
		};
		member.history = Int32Array.from([...member.history, ...result.tokens]);
		if (this.filling === 'crowded' && this.shifting) member.comparable = false;
		await this.checkHistory(member);
		const verdict = plain && member.comparable ? this.oracle.compare(member, plain, said) : 'same';
		if (verdict === 'near tie') this.tally.nearTies++;
		else if (verdict !== 'same') this.fail(verdict);
	}

	/** A generation while something else is done to another member. */
	private async generateBeside(member: Member): Promise<void> {
		const others = this.members.filter((other) => other !== member);
		if (others.length === 0 || this.filling !== 'roomy') return;
		const other = this.choices.of(others);
		const operation = this.choices.of([
			'append',
			'prefill',
			'rollback',
			'fork',
			'drop',
			'save',
			'load',
		] as const);
		// Its generation is planned before the other changes, and read after.
		const generating = this.generate([member]);
		await this.one(operation, other);
		await generating;
	}
}

function equal(one: Int32Array, other: Int32Array): boolean {
	return one.length === other.length && one.every((token, i) => token === other[i]);
}
