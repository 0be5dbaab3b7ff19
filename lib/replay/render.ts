import { RepriseError } from '../errors.js';
import { concatTokens } from '../tokens.js';
import type { Conversation } from './conversations.js';
import { type Piece, type Template, templates } from './templates.js';

/** What is put before the model in a turn, after all that came before it, and what it says. */
export interface Turn {
	/** The tokens from the end of the last output to the header of the answer. */
	readonly prompt: Int32Array;
	/** The tokens of the answer and the one that ends the turn. */
	readonly output: Int32Array;
}

/** Turns texts into tokens; a `Model` is one, also when only its vocabulary was loaded. */
export interface Vocabulary {
	tokenize(text: string, options?: { parseSpecial?: boolean }): Int32Array;
}

/**
 * The conversation as tokens: prompts and outputs in turn make the whole context. The content of messages is
 * text, also where it looks like a control token; an answer is tokenized by itself, as a model says it.
 *
 * Throws `OPTION_INVALID` where the vocabulary lacks the template's control tokens.
 */
export function renderConversation(conversation: Conversation, vocabulary: Vocabulary): Turn[] {
	const template: Template = templates[conversation.template];
	const message = (role: string, content: string): Piece[] => [
		...template.header(role),
		content,
		template.endOfTurn,
		...template.between,
	];
	const start =
		conversation.system === ''
			? template.start
			: [...template.start, ...message('system', conversation.system)];
	return conversation.turns.map(({ user, assistant }, index) => {
		const before = index === 0 ? start : template.between;
		const prompt = [...before, ...message('user', user), ...template.header('assistant')];
		return {
			prompt: tokenizePieces(prompt, vocabulary),
			output: tokenizePieces([assistant, template.endOfTurn], vocabulary),
		};
	});
}

/** Turns a text into tokens from one control token to the next, as tokenizers do. */
function tokenizePieces(pieces: readonly Piece[], vocabulary: Vocabulary): Int32Array {
	const parts: Int32Array[] = [];
	let text = '';
	const flush = () => {
		if (text !== '') parts.push(vocabulary.tokenize(text));
		text = '';
	};
	for (const piece of pieces) {
		if (typeof piece === 'string') {
			text += piece;
			continue;
		}
		flush();
		parts.push(controlToken(piece.control, vocabulary));
	}
	flush();
	return concatTokens(...parts);
}

function controlToken(control: string, vocabulary: Vocabulary): Int32Array {
	const tokens = vocabulary.tokenize(control, { parseSpecial: true });
	if (tokens.length === 1) return tokens;
	throw new RepriseError(
		'OPTION_INVALID',
		`The vocabulary has no token ${control}; pass the vocabulary of the model that was recorded`,
	);
}
