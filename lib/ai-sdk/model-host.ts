import { setMaxListeners } from 'node:events';
import { Admission } from '../conversations/admission.js';
import { Conversations, type Lease, type Wish } from '../conversations/conversations.js';
import { RepriseError } from '../errors.js';
import { loadModel, type Model } from '../model.js';
import type { Session } from '../session.js';
import { defaultContextLength } from '../session-options.js';
import type { ReadSettings } from './settings.js';

/** Models of any copy of this library will do, so no class is asked for. */
function isPath(given: string | URL | Model): given is string | URL {
	return typeof given === 'string' || 'href' in given;
}

interface Opened {
	readonly session: Session;
	readonly conversations: Conversations;
}

/** A model of the provider, loaded when it is needed, and its conversations. */
export class ModelHost {
	/** What the model is called in results: its path or name, or what its file says. */
	readonly id: string;
	readonly #given: string | URL | Model;
	readonly #settings: ReadSettings;
	readonly #admission: Admission;
	readonly #closing = new AbortController();
	#loading: Promise<Model> | undefined;
	#opening: Promise<Opened> | undefined;

	/** A model that is given is the caller's to dispose; one that is loaded by its path or name is disposed here. */
	constructor(given: string | URL | Model, settings: ReadSettings) {
		this.id = isPath(given) ? `${given}` : given.info.metadata['general.name'] || given.info.description;
		this.#given = given;
		// Every call listens, and Node.js would take more than ten for a leak.
		setMaxListeners(0, this.#closing.signal);
		this.#settings = settings;
		this.#admission = new Admission(settings.parallel);
	}

	/** The model; a load that failed is tried again by the next call. Rejects as `loadModel` does. */
	async model(): Promise<Model> {
		if (!isPath(this.#given)) return this.#given;
		this.#loading ??= loadModel(this.#given, this.#settings.load);
		try {
			return await this.#loading;
		} catch (error) {
			this.#loading = undefined;
			throw error;
		}
	}

	/** Fires when `signal` does, and when the provider is disposed. */
	until(signal: AbortSignal | undefined): AbortSignal {
		return signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
	}

	/**
	 * Waits for its turn, and computes the prompt of a reply. Rejects as `model` and `model.createSession` do, with what
	 * computing it rejects with, and with the reason of `signal`.
	 */
	async lease(wish: Wish, signal: AbortSignal): Promise<Lease> {
		signal.throwIfAborted();
		this.#opening ??= this.#open();
		let opened: Opened;
		try {
			opened = await this.#opening;
		} catch (error) {
			this.#opening = undefined;
			throw error;
		}
		return opened.conversations.lease(wish, signal);
	}

	/** Aborts what is under way and frees the session, and the model where it was loaded here. */
	async dispose(): Promise<void> {
		this.#closing.abort(
			new RepriseError('DISPOSED', 'The provider was disposed; make another with createReprise'),
		);
		const opened = await this.#opening?.catch(() => undefined);
		await opened?.conversations.dispose();
		await opened?.session.dispose();
		const loaded = await this.#loading?.catch(() => undefined);
		await loaded?.dispose();
	}

	async #open(): Promise<Opened> {
		const { session: options, chat, keep } = this.#settings;
		const model = await this.model();
		const session = await model.createSession(options);
		try {
			const contextLength = options?.contextLength ?? defaultContextLength(model.info);
			const conversations = new Conversations(session.chat(chat), {
				admission: this.#admission,
				keep,
				contextLength,
			});
			return { session, conversations };
		} catch (error) {
			await session.dispose();
			throw error;
		}
	}
}
