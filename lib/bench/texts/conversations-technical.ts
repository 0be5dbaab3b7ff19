import type { Talk } from './conversations.js';

/** Programs, computers and data. */
export const technical: readonly Talk[] = [
	{
		topic: 'a function in Python',
		turns: [
			{
				user: 'Write a Python function that returns the median of a list.',
				assistant: `\`\`\`python
def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
\`\`\`

For an odd number of values it returns the one in the middle, for an even number the mean of the two in the middle.`,
			},
			{
				user: 'What about an empty list? And add type hints.',
				assistant: `With an empty list it would fail with an \`IndexError\` that says nothing useful. This version raises a \`ValueError\`:

\`\`\`python
from collections.abc import Iterable


def median(values: Iterable[float]) -> float:
    ordered = sorted(values)
    if not ordered:
        raise ValueError("median of an empty list")
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
\`\`\``,
			},
			{
				user: 'Now the same for any quantile q, and let median use it.',
				assistant: `A quantile between two values is interpolated, so the median stays the mean of the two in the middle:

\`\`\`python
from collections.abc import Iterable


def quantile(values: Iterable[float], q: float) -> float:
    if not 0 <= q <= 1:
        raise ValueError("q must be from 0 to 1")
    ordered = sorted(values)
    if not ordered:
        raise ValueError("quantile of an empty list")
    position = q * (len(ordered) - 1)
    lower = int(position)
    upper = min(lower + 1, len(ordered) - 1)
    weight = position - lower
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def median(values: Iterable[float]) -> float:
    return quantile(values, 0.5)
\`\`\``,
			},
			{
				user: 'Write three tests for it with pytest.',
				assistant: `\`\`\`python
import pytest

from statistics_tools import median, quantile


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two():
    assert median([4, 1, 3, 2]) == 2.5


def test_quantiles_are_interpolated():
    assert quantile([10, 20, 30], 0.25) == pytest.approx(15)
    assert quantile([10, 20, 30], 0) == 10
    assert quantile([10, 20, 30], 1) == 30


@pytest.mark.parametrize("q", [-0.1, 1.5])
def test_a_quantile_outside_of_0_to_1_is_refused(q):
    with pytest.raises(ValueError, match="q must be"):
        quantile([1, 2], q)
\`\`\`

Change the import to the name of your module. \`pytest.approx\` is there because interpolation adds rounding errors.`,
			},
		],
	},
	{
		topic: 'a slow query',
		turns: [
			{
				user: 'My query "select * from orders where lower(email) = \'a@b.de\'" is slow, there is an index on email. Why?',
				assistant: `The index holds the values of \`email\`, and your condition asks for \`lower(email)\`. The database can't know which entries have that lower-case form without computing it for each, so it reads the whole table.

In PostgreSQL you can index the expression itself:

\`\`\`sql
create index orders_email_lower on orders (lower(email));
\`\`\`

After that the condition finds its rows in the index. \`explain analyze\` should show an index scan where there was a sequential scan. In the long run it's better to store addresses in lower case, or to use the type \`citext\`.`,
			},
			{
				user: 'It is MySQL 8, does that work there too?',
				assistant: `Nearly. MySQL has functional indexes from version 8.0.13 on, but the expression needs its own pair of brackets:

\`\`\`sql
create index orders_email_lower on orders ((lower(email)));
\`\`\`

Before you do that, check the collation of the column. With the default, \`utf8mb4_0900_ai_ci\`, comparisons ignore case anyway ("ci" means case-insensitive), so you can simply write

\`\`\`sql
select * from orders where email = 'a@b.de';
\`\`\`

and the index that you already have will be used. Only if the column has a binary or case-sensitive collation do you need the functional one.`,
			},
			{
				user: 'How do I see the collation, and how do I measure whether it became faster?',
				assistant: `The collation of each column is shown by

\`\`\`sql
show full columns from orders like 'email';
\`\`\`

To see how the query is carried out and how long each step takes, put \`explain analyze\` before it:

\`\`\`sql
explain analyze select * from orders where email = 'a@b.de';
\`\`\`

Look for "Index lookup on orders using …" instead of "Table scan on orders", and compare \`actual time\` and \`rows\`. Run it twice and trust the second result, since the first one may include reading pages from the disk. On a production system, the slow query log is worth a look as well: set \`long_query_time\` to 0.5 for an hour, and \`mysqldumpslow\` sums up which statements took the most time altogether. A single query that got faster matters less than the one that runs ten thousand times.`,
			},
		],
	},
	{
		topic: 'a shell script',
		turns: [
			{
				user: 'I want a bash script that makes a copy of my notes folder every day with the date in its name.',
				assistant: `\`\`\`bash
#!/usr/bin/env bash
set -euo pipefail

source="$HOME/notes"
target="$HOME/backups"

mkdir -p "$target"
tar -czf "$target/notes-$(date +%F).tar.gz" -C "$source" .
\`\`\`

Save it as \`backup-notes.sh\`, make it executable with \`chmod +x backup-notes.sh\`, and let cron start it every evening at ten: \`0 22 * * * /home/you/backup-notes.sh\` (edit with \`crontab -e\`).`,
			},
			{
				user: 'Delete copies older than 30 days, and do nothing if the folder has not changed.',
				assistant: `\`\`\`bash
#!/usr/bin/env bash
set -euo pipefail

source="$HOME/notes"
target="$HOME/backups"
days=30

mkdir -p "$target"

newest=$(find "$target" -name 'notes-*.tar.gz' | sort | tail -n 1)
if [[ -n "$newest" && -z "$(find "$source" -newer "$newest" -print -quit)" ]]; then
  exit 0
fi

tar -czf "$target/notes-$(date +%F).tar.gz" -C "$source" .
find "$target" -name 'notes-*.tar.gz' -mtime +"$days" -delete
\`\`\`

\`find -newer\` looks for anything that changed after the newest copy was made; deleting a file counts as well, because it changes its folder. Old copies only go when a new one has been made, so a folder that rests for months keeps its last copy.`,
			},
			{
				user: 'Can it tell me by e-mail when something goes wrong?',
				assistant: `Yes, with a trap that runs when a command fails. \`mail\` must be set up on your machine:

\`\`\`bash
#!/usr/bin/env bash
set -euo pipefail

source="$HOME/notes"
target="$HOME/backups"
days=30
address="you@example.org"

report() {
  echo "The backup failed in line $1 on $(hostname)." | mail -s "Backup of notes failed" "$address"
}
trap 'report $LINENO' ERR

mkdir -p "$target"

newest=$(find "$target" -name 'notes-*.tar.gz' | sort | tail -n 1)
if [[ -n "$newest" && -z "$(find "$source" -newer "$newest" -print -quit)" ]]; then
  exit 0
fi

tar -czf "$target/notes-$(date +%F).tar.gz" -C "$source" .
find "$target" -name 'notes-*.tar.gz' -mtime +"$days" -delete
\`\`\`

A script that never starts cannot report anything, of course. If the copies are important, also let something else check that the newest is less than two days old.`,
			},
		],
	},
	{
		topic: 'regular expressions',
		turns: [
			{
				user: 'I need a regex for German licence plates like M-AB 1234.',
				assistant: `\`\`\`
^[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} [1-9][0-9]{0,3}[EH]?$
\`\`\`

One to three letters for the district (umlauts occur: KÜN), a hyphen, one or two letters, a space and a number of up to four digits without a leading zero. At the end there may be an E for electric or an H for historic cars.`,
			},
			{
				user: 'How would I use it in JavaScript, and get the three parts?',
				assistant: `With named groups:

\`\`\`js
const plate = /^(?<district>[A-ZÄÖÜ]{1,3})-(?<letters>[A-Z]{1,2}) (?<number>[1-9][0-9]{0,3})(?<kind>[EH]?)$/;

function parsePlate(text) {
  const match = plate.exec(text.trim().toUpperCase());
  return match ? { ...match.groups } : null;
}

parsePlate('m-ab 1234');
// { district: 'M', letters: 'AB', number: '1234', kind: '' }
\`\`\`

The groups are copied into an ordinary object, because \`match.groups\` has no prototype, which surprises some test libraries. What the expression cannot tell is whether the district exists; for that you need the official list of about seven hundred codes. And the total length is limited to eight characters, which you would have to check separately: district, letters and number together, without the hyphen and the space.`,
			},
		],
	},
	{
		topic: 'types in TypeScript',
		turns: [
			{
				user: 'What is the difference between interface and type in TypeScript?',
				assistant: `For objects they are nearly the same. The differences that matter:

- An interface can be declared twice, and the declarations merge. Libraries use that so that you can add to their types.
- A type alias can name anything: unions, tuples, functions, mapped types.
- Errors and editors show an interface by its name, an alias often by its content.

A common rule is: interface for the shape of objects and classes, type for everything else.`,
			},
			{
				user: 'Show me a union where type is needed, with a function that handles every case.',
				assistant: `\`\`\`ts
type Shape =
  | { kind: 'circle'; radius: number }
  | { kind: 'square'; side: number }
  | { kind: 'triangle'; base: number; height: number };

function area(shape: Shape): number {
  switch (shape.kind) {
    case 'circle':
      return Math.PI * shape.radius ** 2;
    case 'square':
      return shape.side ** 2;
    case 'triangle':
      return (shape.base * shape.height) / 2;
  }
}
\`\`\`

\`kind\` tells the members of the union apart, so in each case the compiler knows which fields there are. Since all cases return, no default is needed, and if you add a shape and forget it here, the function has a path without a return value, which is an error under \`strict\`.`,
			},
			{
				user: 'Add a rectangle, and a function that scales a shape.',
				assistant: `\`\`\`ts
type Shape =
  | { kind: 'circle'; radius: number }
  | { kind: 'square'; side: number }
  | { kind: 'rectangle'; width: number; height: number }
  | { kind: 'triangle'; base: number; height: number };

function area(shape: Shape): number {
  switch (shape.kind) {
    case 'circle':
      return Math.PI * shape.radius ** 2;
    case 'square':
      return shape.side ** 2;
    case 'rectangle':
      return shape.width * shape.height;
    case 'triangle':
      return (shape.base * shape.height) / 2;
  }
}

function scale(shape: Shape, factor: number): Shape {
  switch (shape.kind) {
    case 'circle':
      return { ...shape, radius: shape.radius * factor };
    case 'square':
      return { ...shape, side: shape.side * factor };
    case 'rectangle':
      return { ...shape, width: shape.width * factor, height: shape.height * factor };
    case 'triangle':
      return { ...shape, base: shape.base * factor, height: shape.height * factor };
  }
}
\`\`\`

\`scale\` returns a new object, so the original stays as it is.`,
			},
		],
	},
];
