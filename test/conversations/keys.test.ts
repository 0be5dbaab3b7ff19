import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extendedKey, keyOf, sharedLength } from '../../lib/conversations/keys.js';
import type { ChatMessage } from '../../lib/index.js';

const content = fc.oneof(fc.stringMatching(/^[ab"\\]{0,3}$/), fc.constant('\0'));
const message: fc.Arbitrary<ChatMessage> = fc.oneof(
	fc.record({ role: fc.constant('user' as const), content }),
	fc.record({ role: fc.constant('assistant' as const), content }),
);
const conversation = fc.array(message, { maxLength: 4 });
const keyOfChat = (messages: readonly ChatMessage[]) => keyOf({ kind: 'chat', messages });

const isBeginning = (one: readonly ChatMessage[], other: readonly ChatMessage[]) =>
	one.every(({ role, content }, index) => role === other[index]?.role && content === other[index]?.content);

test('a conversation goes on from another where its key begins with the other’s, and nowhere else', () => {
	fc.assert(
		fc.property(conversation, conversation, fc.boolean(), (one, more, goesOn) => {
			const other = goesOn ? [...one, ...more] : more;
			expect(keyOfChat(other).startsWith(keyOfChat(one))).toBe(isBeginning(one, other));
		}),
	);
});

test('a reply is part of the conversation that goes on', () => {
	fc.assert(
		fc.property(conversation, fc.string(), (messages, content) => {
			const reply = { role: 'assistant' as const, content };
			const extended = extendedKey({ kind: 'chat', messages }, { messages: [reply], tokens: 1 });
			expect(extended).toBe(keyOfChat([...messages, reply]));
		}),
	);
});

test('texts, tokens and conversations have nothing but their kind in common', () => {
	const tokens = (text: number[]) => keyOf({ kind: 'text', text });
	expect(tokens([1, 23]).startsWith(tokens([1, 2]))).toBe(false);
	expect(tokens([1, 2, 3]).startsWith(tokens([1, 2]))).toBe(true);
	expect(keyOf({ kind: 'text', text: 'chat' }).startsWith(keyOfChat([]))).toBe(false);
});

test('what two texts share is their longest common beginning', () => {
	const text = fc.stringMatching(/^[ab]{0,6}$/);
	fc.assert(
		fc.property(text, text, (one, other) => {
			const length = sharedLength(one, other);
			expect(one.slice(0, length)).toBe(other.slice(0, length));
			expect(one[length] === other[length] && length < Math.min(one.length, other.length)).toBe(false);
		}),
	);
});
