import { unlessAborted } from '../abort.js';
import type { Chat } from '../chat.js';
import type { ChatMessage } from '../chat-message.js';
import { isRepriseError, RepriseError } from '../errors.js';
import { defaultMaxTokens } from '../generate-options.js';
import type { PrefillResult } from '../prefill.js';
import type { TokenInput } from '../tokens.js';
import { type PromptOptions, promptOptions } from '../tools/reply-options.js';
import { withResolvers } from '../with-resolvers.js';
import type { Admission } from './admission.js';
import { extendedKey, keyOf, sharedLength } from './keys.js';

/** No usual vocabulary has tokens of more characters. */
const longestToken = 256;

/** The characters of a message; an image has at least one token. */
function lengthOf({ content }: ChatMessage): number {
	if (typeof content === 'string') return content.length;
	return content.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : longestToken), 0);
}

/** What is to be replied to: a conversation, or a text that goes on. */
export type Prompt =
	| {
			readonly kind: 'chat';
			readonly messages: readonly ChatMessage[];
			/** What the prompt depends on beside the messages. Default: no tools, and the template's own reasoning. */
			readonly options?: PromptOptions | undefined;
	  }
	| { readonly kind: 'text'; readonly text: TokenInput };

/** What a lease may take of the context. */
interface Leased {
	/** The prompt's own chat, with which its forks share the cache. */
	readonly begun: Kept;
	/** The tokens that its replies may have. */
	readonly expected: number;
}

/** What is asked for. */
export interface Wish {
	readonly prompt: Prompt;
	/** How many replies. */
	readonly count: number;
	/** The tokens of a reply, at most. Default: as of a generation. */
	readonly maxTokens?: number | undefined;
}

/** A chat whose cache is kept for prompts that begin alike. It generates nothing. */
interface Kept {
	readonly chat: Chat;
	/** What the cache holds, as a text: prompts with a long beginning in common have so here. */
	readonly key: string;
	/** The tokens that the cache holds. */
	readonly tokens: number;
}

/** What a reply adds to its prompt: messages to a conversation, a text to a text; and the tokens of it. */
export interface Said {
	readonly messages?: readonly ChatMessage[];
	readonly text?: string;
	readonly tokens: number;
}

/** The forks of a request, all after the same prompt. */
export interface Lease {
	/** A chat for each reply, whose session holds the prompt. */
	readonly chats: readonly Chat[];
	/** What the prompt cost. */
	readonly prompt: PrefillResult;
	/**
	 * Gives the forks back. The first one is kept with its reply, for the next turn of the conversation.
	 *
	 * @param said - What the first one has said, whole; undefined where it was cut short.
	 */
	release(said: Said | undefined): Promise<void>;
}

/** What a context is divided into. */
export interface ConversationsOptions {
	readonly admission: Admission;
	/** How many conversations are kept for their next turn. */
	readonly keep: number;
	/** The tokens that all conversations share. */
	readonly contextLength: number;
}

/**
 * Conversations that go on. All are forks of one session, so that they share the cache of what they have in common, and
 * the passes of what is generated at the same time. A prompt is computed in whichever fork has the longest beginning in
 * common with it. Room for the whole reply is made beforehand: those used longest ago are given up, and then it is
 * waited for; so what is said does not depend on what else is.
 */
export class Conversations {
	readonly #root: Chat;
	readonly #admission: Admission;
	readonly #keep: number;
	readonly #contextLength: number;
	/** The one used last is the last one. */
	#kept: Kept[] = [];
	readonly #leases = new Set<Leased>();
	#turn: Promise<unknown> = Promise.resolve();
	#released = withResolvers<void>();

	/** @param root - A conversation in an empty session, which stays the caller's. */
	constructor(root: Chat, { admission, keep, contextLength }: ConversationsOptions) {
		this.#root = root;
		this.#admission = admission;
		this.#keep = keep;
		this.#contextLength = contextLength;
	}

	/**
	 * Waits for its turn, computes a prompt and makes forks after it. Rejects as `admission.enter`, `session.prefill` and
	 * `session.fork` do, and with the reason of `signal` where that is aborted.
	 */
	async lease(wish: Wish, signal: AbortSignal): Promise<Lease> {
		this.#requireShort(wish.prompt);
		const leave = await this.#admission.enter(wish.count, signal);
		try {
			return await this.#inTurn(() => this.#open(wish, signal, leave));
		} catch (error) {
			leave();
			throw signal.aborted ? signal.reason : error;
		}
	}

	/** What is far too long is refused before anybody waits for its tokens. */
	#requireShort(prompt: Prompt): void {
		const lengths = prompt.kind === 'chat' ? prompt.messages.map(lengthOf) : [prompt.text.length];
		const length = lengths.reduce((sum, one) => sum + one, 0);
		if (length <= this.#contextLength * longestToken) return;
		throw new RepriseError(
			'CONTEXT_OVERFLOW',
			`The prompt has a length of ${length}, more than the ${this.#contextLength} tokens of the context can hold; shorten it`,
		);
	}

	/** Frees all that is kept, when all leases have been given back. */
	async dispose(): Promise<void> {
		await this.#turn.catch(() => {});
		while (this.#leases.size > 0) await this.#released.promise;
		await this.#shrink(0);
	}

	async #open(wish: Wish, signal: AbortSignal, leave: () => void): Promise<Lease> {
		const { prompt, count } = wish;
		const { begun, computed } = await this.#compute(prompt, signal);
		const forks: Chat[] = [];
		this.#kept.push(begun);
		const expected = Math.min(count * (wish.maxTokens ?? defaultMaxTokens), this.#contextLength);
		try {
			await this.#makeRoom(expected, begun, signal);
			while (forks.length < count) forks.push(await this.#fork(begun, signal));
		} catch (error) {
			await disposeAll(forks);
			throw error;
		}
		const lease = { begun, expected };
		this.#leases.add(lease);
		const release: Lease['release'] = async (said) => {
			if (!this.#leases.delete(lease)) return;
			try {
				const [first, ...others] = forks;
				const idle = said && first ? others : forks;
				if (said && first) {
					const tokens = computed.promptTokens + said.tokens;
					this.#kept.push({ chat: first, key: extendedKey(prompt, said), tokens });
					// What it holds begins with what the prompt's own fork does.
					if (this.#kept.includes(begun)) idle.push(this.#remove(begun).chat);
				}
				await disposeAll(idle);
				await this.#shrink(this.#keep);
			} finally {
				leave();
				this.#released.resolve();
				this.#released = withResolvers<void>();
			}
		};
		return { chats: forks, prompt: computed, release };
	}

	/** Computes the prompt in the fork that has most of it, or in one of that. */
	async #compute(prompt: Prompt, signal: AbortSignal): Promise<{ begun: Kept; computed: PrefillResult }> {
		const key = keyOf(prompt);
		for (;;) {
			signal.throwIfAborted();
			const best = this.#best(key);
			const goesOn = best !== undefined && key.startsWith(best.key);
			try {
				const chat = goesOn ? this.#remove(best).chat : await (best?.chat ?? this.#root).fork({ signal });
				try {
					const computed =
						prompt.kind === 'chat'
							? await chat.prefill(prompt.messages, { ...promptOptions(prompt.options), signal })
							: await chat.session.prefill(prompt.text, { signal });
					return { begun: { chat, key, tokens: computed.promptTokens }, computed };
				} catch (error) {
					if (goesOn && (await isRolledBack(best))) this.#kept.push(best);
					else await chat.session.dispose();
					throw error;
				}
			} catch (error) {
				if (!isWantOfRoom(error) || !(await this.#giveWay(signal))) throw error;
			}
		}
	}

	async #fork(begun: Kept, signal: AbortSignal): Promise<Chat> {
		for (;;)
			try {
				return await begun.chat.fork({ signal });
			} catch (error) {
				if (!isWantOfRoom(error) || !(await this.#giveWay(signal, begun))) throw error;
			}
	}

	/** Makes room for so many tokens, unless even alone there would not be. */
	async #makeRoom(tokens: number, begun: Kept, signal: AbortSignal): Promise<void> {
		const isFull = () => {
			const held = new Set([...this.#kept, ...[...this.#leases].map((lease) => lease.begun)]);
			const kept = [...held].reduce((sum, one) => sum + one.tokens, 0);
			const leased = [...this.#leases].reduce((sum, lease) => sum + lease.expected, 0);
			return kept + leased + tokens > this.#contextLength;
		};
		while (isFull() && (await this.#giveWay(signal, begun)));
	}

	/** Gives up the one used longest ago, or waits for a lease to end; false where there is neither. */
	async #giveWay(signal: AbortSignal, except?: Kept): Promise<boolean> {
		// What a lease's forks share stays in the cache until the lease ends.
		const inUse = new Set([except, ...[...this.#leases].map(({ begun }) => begun)]);
		const oldest = this.#kept.find((one) => !inUse.has(one));
		if (oldest) await this.#remove(oldest).chat.session.dispose();
		else if (this.#leases.size > 0) await unlessAborted(this.#released.promise, signal);
		else return false;
		return true;
	}

	#best(key: string): Kept | undefined {
		const shared = this.#kept.map((kept) => sharedLength(kept.key, key));
		const most = Math.max(0, ...shared);
		return most > 0 ? this.#kept[shared.lastIndexOf(most)] : undefined;
	}

	#remove(kept: Kept): Kept {
		this.#kept = this.#kept.filter((other) => other !== kept);
		return kept;
	}

	/** Gives up those used longest ago, until there are no more than `most`. */
	async #shrink(most: number): Promise<void> {
		const given = this.#kept.splice(0, Math.max(0, this.#kept.length - most));
		await disposeAll(given.map(({ chat }) => chat));
	}

	#inTurn<T>(task: () => Promise<T>): Promise<T> {
		const done = this.#turn.catch(() => {}).then(task);
		this.#turn = done;
		return done;
	}
}

/** Drops what was computed beyond what is kept; false where that cannot be done. */
async function isRolledBack({ chat, tokens }: Kept): Promise<boolean> {
	try {
		const { length } = await chat.session.history();
		if (length > tokens) await chat.session.rollback(tokens);
		return true;
	} catch {
		return false;
	}
}

const disposeAll = (chats: readonly Chat[]) => Promise.all(chats.map(({ session }) => session.dispose()));

/** Of a prompt that even an empty context could not hold, the addon says how long it is. */
const isWantOfRoom = (error: unknown): boolean =>
	isRepriseError(error) &&
	(error.code === 'SEQUENCES_EXHAUSTED' ||
		(error.code === 'CONTEXT_OVERFLOW' && !error.message.startsWith('The prompt has ')));
