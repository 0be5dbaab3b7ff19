/**
 * A schema of any library that speaks Standard Schema (https://standardschema.dev), such as Zod, Valibot or
 * ArkType. `Output` is the type of what it gives.
 */
export interface StandardSchema<Output = unknown> {
	/** What the library says of the schema. */
	readonly '~standard': StandardProperties<Output>;
}

/** What a library says of a schema, by the rules of Standard Schema. */
export interface StandardProperties<Output = unknown> {
	/** The version of Standard Schema. */
	readonly version: 1;
	/** The library's name. */
	readonly vendor: string;
	/**
	 * Checks a value, and gives what the schema makes of it.
	 *
	 * @param value - The value, as `JSON.parse` gives it.
	 */
	readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
	/** The types of what goes in and comes out, for TypeScript alone. */
	readonly types?: SchemaTypes<Output> | undefined;
	/** The schema as a JSON Schema, where the library can tell. */
	readonly jsonSchema?: JsonSchemaConverter | undefined;
}

/** The types of a schema; at run time there is no such value. */
export interface SchemaTypes<Output = unknown> {
	/** What `validate` takes. */
	readonly input: unknown;
	/** What it gives. */
	readonly output: Output;
}

/** Says what a schema is in JSON Schema. */
export interface JsonSchemaConverter {
	/**
	 * The JSON Schema of what `validate` takes.
	 *
	 * @param options - The dialect.
	 */
	readonly input: (options: JsonSchemaTarget) => Record<string, unknown>;
}

/** The dialect of JSON Schema that is asked for. */
export interface JsonSchemaTarget {
	/** Its name. */
	readonly target: 'draft-2020-12';
}

/** What a schema's `validate` gives: a value, or the reasons why there is none. */
export type SchemaResult<Output> = SchemaSuccess<Output> | SchemaFailure;

/** What a schema makes of a value that fits. */
export interface SchemaSuccess<Output> {
	/** It. */
	readonly value: Output;
	/** Not there. */
	readonly issues?: undefined;
}

/** Why a schema does not take a value. */
export interface SchemaFailure {
	/** The reasons. */
	readonly issues: readonly SchemaIssue[];
}

/** Why a value does not fit a schema. */
export interface SchemaIssue {
	/** The reason, in words. */
	readonly message: string;
	/** The place in the value, from its outside to its inside. */
	readonly path?: ReadonlyArray<PropertyKey | SchemaPathSegment> | undefined;
}

/** One step of the path to a place in a value. */
export interface SchemaPathSegment {
	/** The property's name, or the index. */
	readonly key: PropertyKey;
}
