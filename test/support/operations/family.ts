import type { Model } from '../../../lib/model.js';
import type { Session } from '../../../lib/session.js';
import type { SessionOptions } from '../../../lib/session-options.js';
import type { Choices } from '../choices.js';
import { type Cache, caches, type Filling, type Member, type Tally, WrongSession } from './kinds.js';
import { Oracle, type References } from './oracle.js';

/** A family has at most this many members: enough for forks of forks, and each round ends soon. */
export const maxMembers = 5;

/** Histories of a roomy context grow no longer by prompts, so that a round ends soon. */
export const maxTokensHeld = 280;

/** One family of sessions under test: its options, its members, and what is known of them. */
export class Family {
	readonly log: string[] = [];
	readonly members: Member[] = [];
	readonly filling: Filling;
	readonly options: SessionOptions;
	readonly oracle: Oracle;
	private readonly phrases: Int32Array[];
	private named = 0;

	constructor(
		readonly model: Model,
		cache: Cache,
		readonly choices: Choices,
		references: References,
		readonly tally: Tally,
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
			maxSequences: choices.of([0, maxMembers, 7, 12]),
			flashAttention: choices.of(['off', 'off', 'on']),
			keyType: cacheType,
			valueType: cacheType,
			threads: 1,
			...caches[cache].options,
		};
		this.oracle = new Oracle(model, this.filling, this.options, references, tally);
		// Few phrases, so that texts repeat themselves and drafts are found.
		this.phrases = Array.from({ length: 6 }, () =>
			Int32Array.from({ length: 1 + choices.below(12) }, () => 300 + choices.below(40)),
		);
		this.note(`${this.filling}: ${JSON.stringify(this.options)}`);
	}

	note(text: string): void {
		this.log.push(text);
		this.onOperation?.(text);
	}

	get contextLength(): number {
		return this.options.contextLength as number;
	}
	get shifting(): boolean {
		return this.options.overflow === 'shift';
	}

	/** Opens the first session. */
	async begin(): Promise<void> {
		this.add(await this.model.createSession(this.options), new Int32Array(), true);
	}

	/** A member that is given the next name. */
	add(session: Session, history: Int32Array, comparable: boolean): Member {
		const name = this.nextName();
		this.named++;
		const member: Member = { name, session, history, twin: null, comparable };
		this.members.push(member);
		return member;
	}

	nextName(): string {
		return String.fromCharCode(97 + (this.named % 26));
	}

	async dispose(): Promise<void> {
		for (const { session, twin } of this.members) {
			await session.dispose();
			await twin?.dispose();
		}
		await this.oracle.dispose();
	}

	/** Tokens of a text that repeats itself. */
	text(most: number): Int32Array {
		const wanted = 1 + this.choices.below(most);
		const tokens: number[] = [];
		while (tokens.length < wanted) tokens.push(...this.choices.of(this.phrases));
		return Int32Array.from(tokens.slice(0, wanted));
	}

	get maxHistory(): number {
		return this.filling === 'roomy' ? maxTokensHeld : this.contextLength;
	}

	/** Checks that the session's history is what it must be. */
	async checkHistory(member: Member): Promise<void> {
		const history = await member.session.history();
		if (!member.comparable) member.history = history;
		else if (!equal(history, member.history))
			this.fail(
				`${member.name} has a history of ${history.length} tokens in place of ${member.history.length}`,
			);
	}

	fail(message: string): never {
		throw new WrongSession(message);
	}

	/** A crowded cache may refuse what a session alone could do. */
	mayRefuse(error: unknown): boolean {
		return this.filling === 'crowded' && (error as { code?: string }).code === 'CONTEXT_OVERFLOW';
	}

	/** What is computed anew knows nothing of what was dropped by a shift. */
	async compute(
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
}

export function equal(one: Int32Array, other: Int32Array): boolean {
	return one.length === other.length && one.every((token, i) => token === other[i]);
}
