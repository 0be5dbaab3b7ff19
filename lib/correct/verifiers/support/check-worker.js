import { parentPort } from 'node:worker_threads';
import { compileSchema } from '../../../schema/json-schema-compiler.cjs';

// Plain JavaScript, because a worker's own file is loaded by Node as it is, from lib/ and from dist/ alike.

/** Errors of one answer that are told. */
const mostErrors = 10;

/** The compiled schemas used last, by their text. */
const schemas = new Map();
const mostSchemas = 16;

function newValidator(text) {
	const validate = compileSchema(JSON.parse(text));
	// V8 compiles a function when it is first called, which may take longer than a validation.
	try {
		validate(null);
	} catch {}
	return validate;
}

function validatorOf(text) {
	const validate = schemas.get(text) ?? newValidator(text);
	schemas.delete(text);
	schemas.set(text, validate);
	for (const oldest of [...schemas.keys()].slice(0, -mostSchemas)) schemas.delete(oldest);
	return validate;
}

/** Whether a value has arrays or objects inside of each other to this depth. */
function isDeep(value, depth) {
	let level = [value];
	for (let i = 0; i < depth && level.length > 0; i++)
		level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
	return level.length > 0;
}

function toLine({ instancePath, message, params }) {
	const { additionalProperty, unevaluatedProperty, allowedValues, allowedValue } = params;
	const named = additionalProperty ?? unevaluatedProperty ?? allowedValues ?? allowedValue;
	const detail = named === undefined ? '' : ` (${JSON.stringify(named)})`;
	return `${instancePath === '' ? 'the whole' : instancePath} ${message}${detail}`;
}

/** `begin` is called where the time of the check begins. */
const checks = {
	regex({ source, flags, text }, begin) {
		begin();
		return new RegExp(source, flags).test(text);
	},
	schema({ schema, json }, begin) {
		let validate;
		try {
			validate = validatorOf(schema);
		} catch (error) {
			return { unusable: error.message };
		}
		begin();
		let value;
		try {
			value = JSON.parse(json);
		} catch (error) {
			return { malformed: error.message };
		}
		try {
			if (validate(value)) return { errors: [], more: 0 };
		} catch (error) {
			if (error.name !== 'RangeError') throw error;
			return isDeep(value, 500) ? { tooDeep: true } : { unusable: 'it refers to itself without end' };
		}
		const { errors } = validate;
		return {
			errors: errors.slice(0, mostErrors).map(toLine),
			more: Math.max(0, errors.length - mostErrors),
		};
	},
};

parentPort.on('message', ({ kind, ...check }) => {
	try {
		const result = checks[kind](check, () => parentPort.postMessage({ state: 'begun' }));
		parentPort.postMessage({ state: 'done', result });
	} catch (error) {
		parentPort.postMessage({ state: 'failed', reason: `${error?.message ?? error}` });
	}
});
parentPort.postMessage({ state: 'ready' });
