import { createRequire } from 'node:module';

// Plain JavaScript, because it is also loaded by a worker's own file, which Node loads as it is.

// Loaded when a schema is, since it takes a tenth of a second.
const require = createRequire(import.meta.url);

function newAjv(draft, options) {
	if (draft.includes('2020-12')) return new (require('ajv/dist/2020.js').Ajv2020)(options);
	if (draft.includes('2019-09')) return new (require('ajv/dist/2019.js').Ajv2019)(options);
	return new (require('ajv').Ajv)(options);
}

export function compileSchema(schema) {
	const ajv = newAjv(String(schema.$schema), {
		allErrors: true,
		// Strict about what would be ignored, not about style.
		strictTypes: false,
		strictTuples: false,
		logger: false,
		// Both take time that grows faster than the schema.
		inlineRefs: false,
		code: { optimize: false },
	});
	require('ajv-formats').default(ajv);
	return ajv.compile(schema);
}
