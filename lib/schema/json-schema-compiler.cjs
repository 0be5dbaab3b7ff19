'use strict';

// CommonJS, whose `require` loads ajv when a schema is compiled, since that takes a tenth of a second. In dist/ this is
// a file of its own, with ajv in it, and a part of the worker's.

function newAjv(draft, options) {
	if (draft.includes('2020-12')) return new (require('ajv/dist/2020.js').Ajv2020)(options);
	if (draft.includes('2019-09')) return new (require('ajv/dist/2019.js').Ajv2019)(options);
	return new (require('ajv').Ajv)(options);
}

function compileSchema(schema, isStrict = true) {
	const ajv = newAjv(String(schema.$schema), {
		allErrors: true,
		...(isStrict ? {} : { strict: false }),
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

module.exports = { compileSchema };
