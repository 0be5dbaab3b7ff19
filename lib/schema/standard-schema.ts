/**
 * A schema of any library that speaks Standard Schema (https://standardschema.dev), such as Zod, Valibot or
 * ArkType. `Output` is the type of what it gives.
 */
export interface StandardSchema<Output = unknown> {
	/** What the library says of the schema. */
	readonly '~standard': {
		/** The version of Standard Schema. */
		readonly version: 1;
		/** The library's name. */
		readonly vendor: string;
		/** Checks a value, and gives what the schema makes of it. */
		readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
		/** The types of what goes in and comes out, for TypeScript alone. */
		readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
		/** The schema as a JSON Schema, where the library can tell. */
		readonly jsonSchema?:
			| {
					/** The JSON Schema of what `validate` takes. */
					readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
			  }
			| undefined;
	};
}

/** What a schema's `validate` gives: a value, or the reasons why there is none. */
export type SchemaResult<Output> =
	| { readonly value: Output; readonly issues?: undefined }
	| { readonly issues: readonly SchemaIssue[] };

/** Why a value does not fit a schema. */
export interface SchemaIssue {
	/** The reason, in words. */
	readonly message: string;
	/** The place in the value, from its outside to its inside. */
	readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}
