import { RepriseError } from '../../errors.js';
import { describe, integer, readOptions, withDefault } from '../../options.js';
import { compileSchema } from '../../schema/compile-schema.js';
import type { Verdict, Verifier } from '../verifier.js';
import { checkInThread } from './support/check-thread.js';
import { codeOf } from './support/fenced.js';
import { quote } from './support/message.js';

/** How answers are validated. */
export interface JsonSchemaOptions {
	/**
	 * The milliseconds that a validation may take: patterns of a schema may take for ever on some texts.
	 * Default: 1000.
	 */
	timeoutMs?: number;
}

/** Characters of a schema that is compiled at once, for its errors; a larger one would hold JavaScript up. */
const mostAtOnce = 2 ** 15;

/**
 * Makes a verifier that passes answers whose JSON (the last json block, or all of the answer) fits a JSON
 * Schema: draft 7, or 2019-09 or 2020-12 where its `$schema` says so. Answers are validated off the
 * JavaScript thread. Throws `OPTION_INVALID`, also for keywords that the draft does not know; where a schema
 * has more than 32,768 characters, the verifier rejects with that. The verifier rejects with
 * `VERIFIER_FAILED` where a validation takes too long.
 *
 * @param schema - The schema.
 * @param options - How answers are validated.
 */
export function jsonSchema(schema: object | boolean, options?: JsonSchemaOptions): Verifier {
	const { timeoutMs } = readOptions(
		{ timeoutMs: withDefault(integer(1, 3_600_000), 1000) },
		options,
		'jsonSchema',
	);
	const text = toJson(schema);
	if (text.length <= mostAtOnce) attempt(schema, () => compileSchema(JSON.parse(text)));
	return async (answer, context) => {
		const json = codeOf(answer, ['json']);
		if (json === undefined) return fail('There is no JSON in the answer.');
		const limits = { timeoutMs, signal: context?.signal, name: 'The JSON Schema' };
		const checked = await checkInThread('schema', { schema: text, json }, limits);
		const { unusable, malformed, tooDeep, errors = [], more = 0 } = checked;
		if (unusable !== undefined) throw noSchema(schema, unusable);
		if (malformed !== undefined) return fail(`The answer is not JSON: ${quote(malformed)}`);
		if (tooDeep) return fail('The JSON is nested too deeply.');
		return errors.length === 0 ? { outcome: 'pass' } : fail(listErrors(errors, more));
	};
}

function toJson(schema: unknown): string {
	if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null))
		throw noSchema(schema, 'schema must be object or boolean');
	return attempt(schema, () => JSON.stringify(schema));
}

function attempt<T>(schema: unknown, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw noSchema(schema, (error as Error).message, error);
	}
}

function noSchema(schema: unknown, reason: string, cause?: unknown): RepriseError {
	return new RepriseError(
		'OPTION_INVALID',
		`Expected a JSON Schema but received ${describe(schema)}: ${reason}`,
		{ cause },
	);
}

function listErrors(errors: readonly string[], more: number): string {
	const lines = errors.map((error) => `- ${error}`);
	if (more > 0) lines.push(`- and ${more} more`);
	return `The JSON does not fit the schema:\n${quote(lines.join('\n'), 2000)}`;
}

function fail(message: string): Verdict {
	return { outcome: 'fail', message };
}
