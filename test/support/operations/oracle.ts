import type { GenerateOptions } from '../../../lib/generate-options.js';
import type { Model } from '../../../lib/model.js';
import type { Session } from '../../../lib/session.js';
import type { CacheType, SessionOptions } from '../../../lib/session-options.js';
import { nearTie, type Run, run } from '../runs.js';
import { type Arithmetic, type Filling, type Member, rounding, type Tally } from './kinds.js';

/** Sessions to hold others against, kept from round to round. */
export class References {
	private readonly sessions = new Map<string, Session>();

	/** An empty session, as good as a new one. */
	async empty(model: Model, options: SessionOptions): Promise<Session> {
		const key = JSON.stringify([model.info.architecture, options]);
		let session = this.sessions.get(key);
		if (!session) {
			session = await model.createSession(options);
			this.sessions.set(key, session);
		}
		await session.rollback(0);
		return session;
	}

	async dispose(): Promise<void> {
		for (const session of this.sessions.values()) await session.dispose();
	}
}

/** Knows what the sessions of a family must say: what a session says that is alone and drafts nothing. */
export class Oracle {
	/** An empty session, which becomes the twin of the next member that shifts. */
	private spare: Session | null = null;

	constructor(
		private readonly model: Model,
		private readonly filling: Filling,
		private readonly options: SessionOptions,
		private readonly references: References,
		private readonly tally: Tally,
	) {}

	private get contextLength(): number {
		return this.options.contextLength as number;
	}
	private get shifting(): boolean {
		return this.options.overflow === 'shift';
	}
	private get arithmetic(): Arithmetic {
		return this.options.flashAttention === 'on' ? 'flash' : (this.options.keyType as 'f32' | 'f16');
	}

	/** A session with the member's history that nothing else was done to. */
	async fresh(member: Member): Promise<Session> {
		const options: SessionOptions = {
			contextLength: this.filling === 'shifting' ? this.contextLength : 2048,
			overflow: this.options.overflow as 'error' | 'shift',
			keyType: this.options.keyType as CacheType,
			valueType: this.options.valueType as CacheType,
			maxSequences: 1,
			flashAttention: this.options.flashAttention as 'on' | 'off',
			threads: 1,
			// What a device finds in logits is held against what the host does.
			deviceLogits: 'off',
			fullSlidingWindow: this.options.fullSlidingWindow ?? true,
		};
		if (this.filling === 'shifting') {
			// It becomes the member's twin where it shifts.
			this.spare ??= await this.model.createSession(options);
			await this.spare.rollback(0);
			await this.spare.prefill(member.history);
			return this.spare;
		}
		const session = await this.references.empty(this.model, options);
		await session.prefill(member.history);
		return session;
	}

	/** The same generation without drafts in a session that nothing else is done to, where one is known. */
	async plain(member: Member, sampling: GenerateOptions): Promise<Run | null> {
		if (!member.comparable) return null;
		// No fresh session can be given more than its context holds.
		if (this.filling === 'shifting' && !member.twin && member.history.length > this.contextLength)
			return null;
		// A shift of a crowded family comes when its cells are all taken.
		if (this.filling === 'crowded' && this.shifting) {
			if (member.history.length + (sampling.maxTokens as number) > this.contextLength) return null;
		}
		const session = member.twin ?? (await this.fresh(member));
		const plain = await run(session, null, { ...sampling, draft: 'off' });
		const shifts =
			this.filling === 'shifting' && member.history.length + plain.tokens.length > this.contextLength + 1;
		if (shifts && session === this.spare) {
			member.twin = session;
			this.spare = null;
		}
		return plain;
	}

	/** Holds a generation against the same without drafts: the same, a near-tie, or what is wrong. */
	compare(member: Member, plain: Run, other: Run): string {
		this.tally.compared++;
		for (const [i, token] of other.tokens.entries()) {
			const [expected, got] = [plain.margins[i] ?? Number.POSITIVE_INFINITY, other.margins[i] as number];
			if (token !== plain.tokens[i]) {
				if (Math.max(expected, got) < nearTie) return 'near tie';
				return `${member.name}: token ${i} is ${token}, margin ${got}, in place of ${plain.tokens[i]}, margin ${expected}`;
			}
			const difference = Math.abs(expected - got);
			if (difference > rounding[this.arithmetic])
				return `${member.name}: token ${i} has margin ${got} in place of ${expected}`;
			this.tally.rounding[this.arithmetic] = Math.max(this.tally.rounding[this.arithmetic], difference);
		}
		return 'same';
	}

	async forgetTwin(member: Member): Promise<void> {
		await member.twin?.dispose();
		member.twin = null;
	}

	async dispose(): Promise<void> {
		await this.spare?.dispose();
	}
}
