import { assistant, type Chat, user } from './chat.js';
import { makeFunction } from './code-edits.js';
import { present } from './requests.js';
import { passage } from './sentences.js';
import { heldOut, type Source } from './source.js';

const frames = heldOut({
	train: ['{instruction}\n{content}', '{content}\n{instruction}'],
	test: ['{instruction}\n\n{content}'],
});

const requests = heldOut({
	train: [
		'Copy this.',
		'Repeat it.',
		'Write it again.',
		'Say the same.',
		'Repeat this word for word.',
		'Copy exactly.',
	],
	test: ['Copy it.', 'Write this again.'],
});

/** Anything, said again. */
export function copy(source: Source): Chat {
	const parts = Array.from({ length: source.integer(1, 3) }, () =>
		source.pick([
			() => passage(source, source.integer(1, 3)).join(' '),
			() => passage(source, source.integer(2, 4)).join('\n'),
			() => makeFunction(source).join('\n'),
			() => JSON.stringify(source.distinct(source.integer(2, 6), () => source.identifier())),
			() => Array.from({ length: source.integer(3, 8) }, () => source.number()).join(', '),
		])(),
	);
	const content = parts.join('\n');
	const request = present(source, frames, content, source.say(requests));
	return { task: 'copy', turns: [user(request), assistant(content)] };
}
