import { createRequire } from 'node:module';
import { types } from 'node:util';
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import { RepriseError } from '../../errors.js';
import { describe, integer, readOptions, withDefault } from '../../options.js';
import type { Verdict, Verifier } from '../verifier.js';
import { codeOf } from './fenced.js';
import { quote } from './message.js';
import { withinTime } from './within-time.js';

export interface JsonSchemaOptions {
	/** Milliseconds a validation may take: patterns of a schema may take for ever on some texts. Default: 1000. */
	timeoutMs?: number;
}

// Loaded when a schema is, since it takes a tenth of a second.
const require = createRequire(import.meta.url);
const loadAjv = (): typeof import('ajv') => require('ajv');
const loadAjv2019 = (): typeof import('ajv/dist/2019.js') => require('ajv/dist/2019.js');
const loadAjv2020 = (): typeof import('ajv/dist/2020.js') => require('ajv/dist/2020.js');
const loadFormats = (): typeof import('ajv-formats') => require('ajv-formats');

/** Errors of one answer that the model is told. */
const mostErrors = 10;

/**
 * Passes answers whose JSON (the last json block, or all of the answer) fits a JSON Schema: draft 7, or 2019-09 or
 * 2020-12 where its `$schema` says so. Throws `OPTION_INVALID`, also for keywords that the draft does not know;
 * the verifier throws `VERIFIER_FAILED` where a validation takes too long.
 */
export function jsonSchema(schema: object | boolean, options?: JsonSchemaOptions): Verifier {
	const { timeoutMs } = readOptions(
		{ timeoutMs: withDefault(integer(1, 3_600_000), 1000) },
		options,
		'jsonSchema',
	);
	const validate = compile(schema);
	return (answer) => {
		const json = codeOf(answer, ['json']);
		if (json === undefined) return fail('There is no JSON in the answer.');
		let value: unknown;
		try {
			value = JSON.parse(json);
		} catch (error) {
			return fail(`The answer is not JSON: ${quote((error as Error).message)}`);
		}
		try {
			if (withinTime(() => validate(value), timeoutMs, 'The JSON Schema')) return { outcome: 'pass' };
		} catch (error) {
			if (types.isNativeError(error) && error.name === 'RangeError')
				return fail('The JSON is nested too deeply.');
			throw error;
		}
		return fail(listErrors(validate.errors ?? []));
	};
}

function newAjv(draft: string, options: Options): Ajv {
	if (draft.includes('2020-12')) return new (loadAjv2020().Ajv2020)(options);
	if (draft.includes('2019-09')) return new (loadAjv2019().Ajv2019)(options);
	return new (loadAjv().Ajv)(options);
}

function compile(schema: object | boolean): ValidateFunction {
	try {
		// Strict about what would be ignored, not about style.
		const options = { allErrors: true, strictTypes: false, strictTuples: false, logger: false } as const;
		const ajv = newAjv(String((schema as { $schema?: unknown } | null)?.$schema), options);
		loadFormats().default(ajv);
		return ajv.compile(schema);
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected a JSON Schema but received ${describe(schema)}: ${(error as Error).message}`,
			{ cause: error },
		);
	}
}

function listErrors(errors: readonly ErrorObject[]): string {
	const lines = errors.slice(0, mostErrors).map((error) => `- ${errorLine(error)}`);
	if (errors.length > mostErrors) lines.push(`- and ${errors.length - mostErrors} more`);
	return `The JSON does not fit the schema:\n${quote(lines.join('\n'), 2000)}`;
}

function errorLine({ instancePath, message, params }: ErrorObject): string {
	const { additionalProperty, unevaluatedProperty, allowedValues, allowedValue } = params;
	const named = additionalProperty ?? unevaluatedProperty ?? allowedValues ?? allowedValue;
	const detail = named === undefined ? '' : ` (${JSON.stringify(named)})`;
	return `${instancePath === '' ? 'the whole' : instancePath} ${message}${detail}`;
}

function fail(message: string): Verdict {
	return { outcome: 'fail', message };
}
