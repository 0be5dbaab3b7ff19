import { loadModel, type Model } from '../model.js';
import { ConversationPool } from './conversation-pool.js';
import type { ReadSettings } from './settings.js';

/** Models of any copy of this library will do, so no class is asked for. */
function isPath(given: string | URL | Model): given is string | URL {
	return typeof given === 'string' || 'href' in given;
}

/** A model of the provider, loaded when it is needed, and its conversations. */
export class ModelHost {
	/** What the model is called in results: its path or name, or what its file says. */
	readonly id: string;
	readonly #given: string | URL | Model;
	readonly #settings: ReadSettings;
	#loading: Promise<Model> | undefined;
	readonly #conversations: ConversationPool;

	/** A model that is given is the caller's to dispose; one that is loaded by its path or name is disposed here. */
	constructor(given: string | URL | Model, settings: ReadSettings) {
		this.id = isPath(given) ? `${given}` : given.info.metadata['general.name'] || given.info.description;
		this.#given = given;
		this.#settings = settings;
		this.#conversations = new ConversationPool(async () => {
			const model = await this.model();
			const session = await model.createSession(settings.session);
			try {
				return session.chat(settings.chat);
			} catch (error) {
				await session.dispose();
				throw error;
			}
		}, settings.maxSessions);
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

	get conversations(): ConversationPool {
		return this.#conversations;
	}

	async dispose(): Promise<void> {
		await this.#conversations.dispose();
		const loaded = await this.#loading?.catch(() => undefined);
		await loaded?.dispose();
	}
}
