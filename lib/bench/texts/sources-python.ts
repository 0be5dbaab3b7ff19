import type { SourceFile } from './sources.js';

/** Files in Python. */
export const python: readonly SourceFile[] = [
	{
		path: 'tools/word_count.py',
		language: 'python',
		text: String.raw`
import re
from collections import Counter

WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")

def words(text«¦: str»)«:¦ -> list[str]:»
    «¦"""The words of a text in lower case."""
    »return WORD.findall(text.lower())

def count(text«¦: str», ignore=())«:¦ -> Counter[str]:»
    «¦"""How often each word occurs, but for those to ignore."""
    »return Counter(word for word in words(text) if word ‹in¦not in› ignore)

def top(text«¦: str», n=10«¦, ignore=()»)«:¦ -> list[tuple[str, int]]:»
    «¦"""The n commonest words; equally common ones by the alphabet."""
    »ranked = sorted(count(text«¦, ignore»).items(), key=lambda item: (‹item[1]¦-item[1]›, item[0]))
    return ranked[:n]

def vocabulary_richness(text«¦: str»)«:¦ -> float:»
    «¦"""Different words by all words, from 0 to 1."""
    »found = words(text)
    return len(set(found)) / len(found) if found else 0.0

def report(text«¦: str», n=10)«:¦ -> str:»
    «¦"""A table of the commonest words."""
    »rows = top(text, n)
    width = max((len(word) for word, _ in rows), default=‹1/0¦0›)
    return "\n".join(f"{word:<{width}}  {times:>5}" for word, times in rows)
`,
		change: 'every function has type hints and a docstring, and `top` takes words to ignore as well',
		renames: [['ranked', 'by_frequency']],
		purpose: 'a module that counts words and prints the commonest ones',
		review:
			'The test for ignored words is the wrong way round, the ranking is ascending instead of descending, and the default width for an empty table divides by zero.',
	},
	{
		path: 'tools/bank.py',
		language: 'python',
		text: String.raw`
class InsufficientFunds(«Exception¦ValueError»):
    pass

class Account:
    def __init__(self, owner, balance=0«¦, limit=0»):
        self.owner = owner
        self.balance = balance
        «¦self.limit = limit
        »self.history = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance ‹=¦+=› amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount):
        «¦if amount <= 0:
            raise ValueError("amount must be positive")
        »if amount > self.balance«¦+ self.limit»:
            raise InsufficientFunds(f"{self.owner} has only {self.balance«¦+ self.limit»}")
        self.balance -= amount
        self.history.append(("withdraw", amount))

    def transfer(self, other, amount):
        self.withdraw(amount)
        ‹self¦other›.deposit(amount)
        «¦self.history[-1] = ("transfer", amount)
»
    def statement(self):
        lines = [f"Statement for {self.owner}"]
        for kind, amount in self.history:
            sign = "+" if kind == "deposit" else "-"
            lines.append(f"{kind:<10} {sign}{amount:>8.2f}")
        lines.append(f"{'balance':<10}  {self.balance:>8.2f}")
        return ‹lines¦"\n".join(lines)›

def total(accounts):
    return sum(account.balance for account in accounts)
`,
		change:
			'an account may be overdrawn down to a limit, withdrawals are checked as deposits are, and a transfer is recorded as such',
		renames: [['history', 'entries']],
		purpose: 'a class for a bank account with deposit, withdrawal, transfer and a printed statement',
		review:
			'A deposit replaces the balance instead of adding to it, a transfer pays the money back to the same account, and the statement returns a list where a text was asked for.',
	},
	{
		path: 'tools/backup.py',
		language: 'python',
		text: `
import hashlib
import shutil
from pathlib import Path

def digest(path: Path) -> str:
    hasher = hashlib.«md5()¦sha256()»
    with path.open("rb") as file:
        while block := file.read(«65536¦1 << 20»):
            hasher.update(block)
    return hasher.hexdigest()

def scan(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): digest(path)
        for path in sorted(root.rglob("*"))
        if path.is_file()« and¦ and not path.is_symlink() and» not path.name.startswith(".")
    }

def changed(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [name for name, value in new.items() if old.get(name) != value]

def removed(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [name for name in old if name not in new]

def backup(source: Path, target: Path«¦, dry_run: bool = False») -> «int¦list[str]»:
    before = scan(target) if target.exists() else {}
    after = scan(source)
    «copied = 0¦names = changed(before, after)»
    for name in «changed(before, after)¦names»:
        «¦if dry_run:
            continue
        »destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, destination)
        «copied += 1¦print(f"copied {name}")»
    for name in removed(before, after):
        «(target / name).unlink()¦if not dry_run:
            (target / name).unlink()»
    return «copied¦names»
`,
		change:
			'digests are SHA-256, symbolic links are skipped, and a dry run returns the names without copying anything',
		renames: [['scan', 'fingerprints']],
	},
	{
		path: 'tools/matrix.py',
		language: 'python',
		text: `
def shape(a):
    return len(a), len(a[0])

def zeros(rows, columns):
    return [[0«¦.0»] * columns for _ in range(rows)]

def identity(n):
    result = zeros(n, n)
    for i in range(n):
        result[i][i] = 1«¦.0»
    return result

def transpose(a):
    return [list(column) for column in zip(*a)]

def multiply(a, b):
    rows, inner = shape(a)
    if inner != shape(b)[0]:
        raise ValueError(«"shapes do not match"¦f"cannot multiply {shape(a)} by {shape(b)}"»)
    columns = transpose(‹a¦b›)
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]

def power(a, n):
    «¦if n < 0:
        raise ValueError("n must not be negative")
    »result = identity(len(a))
    while n:
        if n ‹&¦%› 2:
            result = multiply(result, a)
        a = multiply(a, a)
        n //= 2
    return result

def determinant(a):
    a = [row[:] for row in a]
    sign = 1
    for i in range(len(a)):
        pivot = «next((r for r in range(i, len(a)) if a[r][i] != 0), None)¦max(range(i, len(a)), key=lambda r: abs(a[r][i]))»
        if «pivot is None¦a[pivot][i] == 0»:
            return 0«¦.0»
        if pivot != i:
            a[i], a[pivot] = a[pivot], a[i]
            sign = ‹sign¦-sign›
        for r in range(i + 1, len(a)):
            factor = a[r][i] / a[i][i]
            a[r] = [x - factor * y for x, y in zip(a[r], a[i])]
    product = sign
    for i in range(len(a)):
        product *= a[i][i]
    return product
`,
		change:
			'everything is a float, the error names both shapes, and the pivot is the largest entry of its column',
		renames: [['factor', 'ratio']],
		purpose: 'a module for matrices as lists of rows with multiplication, powers and determinants',
		review:
			'The columns must come from the second matrix. Testing the bit with "& 2" looks at the wrong bit, so it should be the remainder. And the sign has to change when two rows are swapped.',
	},
	{
		path: 'tools/inventory.py',
		language: 'python',
		text: `
from dataclasses import dataclass, field

@dataclass«¦(frozen=True)»
class Item:
    name: str
    unit_price: float
    in_stock: int = 0
    «¦supplier: str = ""
    »tags: «list[str]¦frozenset[str]» = field(default_factory=«list¦frozenset»)

class Inventory:
    def __init__(self):
        self._items = {}

    def add(self, item: Item) -> None:
        if item.name in self._items:
            raise KeyError(«item.name¦f"{item.name} is already there"»)
        self._items[item.name] = item

    def take(self, name: str, quantity: int = 1) -> «Item¦float»:
        item = self._items[name]
        if quantity > item.in_stock:
            raise ValueError(f"only {item.in_stock} of {name} left")
        «item.in_stock -= quantity¦self._items[name] = replace(item, in_stock=item.in_stock - quantity)»
        return «item¦quantity * item.unit_price»

    def restock(self, name: str, quantity: int) -> None:
        «self._items[name].in_stock += quantity¦item = self._items[name]
        self._items[name] = replace(item, in_stock=item.in_stock + quantity)»

    def value(self) -> float:
        return sum(item.unit_price * item.in_stock for item in self._items.values())

    def low(self, threshold: int = «5¦10») -> list[Item]:
        return sorted(
            (item for item in self._items.values() if item.in_stock < threshold),
            key=lambda item: item.in_stock,
        )

    def tagged(self, tag: str) -> list[Item]:
        return [item for item in self._items.values() if tag in item.tags]
`,
		change: 'items are frozen and have a supplier, `take` returns the price, and ten pieces count as low',
		renames: [['in_stock', 'on_hand']],
	},
	{
		path: 'tools/rates.py',
		language: 'python',
		text: `
import time

class TokenBucket:
    """Allows so many events a second, and short bursts."""

    def __init__(self, rate, burst«¦, clock=time.monotonic»):
        self.rate = rate
        self.burst = burst
        «¦self.clock = clock
        »self.tokens = ‹0¦burst›
        self.updated = «time.monotonic()¦clock()»

    def _refill(self):
        now = «time.monotonic()¦self.clock()»
        elapsed = now - self.updated
        self.tokens = ‹max¦min›(self.burst, self.tokens + elapsed * self.rate)
        self.updated = now

    def allow(self, cost=1):
        self._refill()
        if self.tokens < cost:
            return False
        self.tokens ‹+=¦-=› cost
        return True

    def wait_time(self, cost=1):
        «¦if cost > self.burst:
            raise ValueError("cost is more than the bucket holds")
        »self._refill()
        missing = cost - self.tokens
        return max(0.0, missing / self.rate)

class PerKey:
    def __init__(self, rate, burst«¦, limit=10_000»):
        self.rate = rate
        self.burst = burst
        «¦self.limit = limit
        »self.buckets = {}

    def allow(self, key, cost=1):
        bucket = self.buckets.get(key)
        if bucket is None:
            «¦if len(self.buckets) >= self.limit:
                self.buckets.pop(next(iter(self.buckets)))
            »bucket = self.buckets[key] = TokenBucket(self.rate, self.burst)
        return bucket.allow(cost)
`,
		change: 'the clock can be given, a cost that never fits is an error, and there is a limit of buckets',
		renames: [
			['tokens', 'level'],
			['burst', 'capacity'],
		],
		purpose: 'a rate limiter after the token bucket method, also one for each key',
		review:
			'A new bucket should be full, so that bursts are allowed. Refilling must not go beyond the burst, which takes the minimum. And an event that is allowed has to use tokens up instead of adding them.',
	},
	{
		path: 'tools/graph.py',
		language: 'python',
		text: `
import heapq
from collections import defaultdict«¦, deque»

class Graph:
    def __init__(self«¦, directed=False»):
        self.edges = defaultdict(«list¦dict»)
        «¦self.directed = directed
»
    def connect(self, a, b, weight=1):
        «self.edges[a].append((b, weight))¦self.edges[a][b] = weight»
        «self.edges[b].append((a, weight))¦if not self.directed:
            self.edges[b][a] = weight»

    def neighbours(self, node):
        return self.edges[node]«¦.items()»

    def distances(self, start):
        best = {start: 0}
        queue = [(0, start)]
        while queue:
            distance, node = heapq.heappop(queue)
            if distance > best[node]:
                continue
            for other, weight in self.neighbours(node):
                candidate = distance + weight
                if candidate < best.get(other, float("inf")):
                    best[other] = candidate
                    heapq.heappush(queue, (candidate, other))
        return best

    def reachable(self, start):
        seen = {start}
        «stack = [start]¦queue = deque([start])»
        while «stack¦queue»:
            node = «stack.pop()¦queue.popleft()»
            for other, _ in self.neighbours(node):
                if other not in seen:
                    seen.add(other)
                    «stack¦queue».append(other)
        return seen

    def components(self):
        rest = set(self.edges)
        while rest:
            found = self.reachable(next(iter(rest)))
            yield found
            rest -= found
`,
		change: 'a graph may be directed, edges are kept in a dict, and `reachable` searches breadth first',
		renames: [['best', 'shortest']],
	},
	{
		path: 'tools/schedule.py',
		language: 'python',
		text: String.raw`
from datetime import date, timedelta

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"«¦, "sat", "sun"»]

def parse_days(text):
    names = [name.strip()«¦.lower()[:3]» for name in text.split(",")]
    unknown = [name for name in names if name not in WEEKDAYS]
    if unknown:
        raise ValueError(f"unknown days: {', '.join(unknown)}")
    return [WEEKDAYS.index(name) for name in names]

def occurrences(start, end, days«¦, every=1»):
    day = start
    while day ‹<¦<=› end:
        «¦week = (day - start).days // 7
        »if day.weekday() in days«¦and week % every == 0»:
            yield day
        day += timedelta(days=‹7¦1›)

def without_holidays(days, holidays):
    return [day for day in days if day not in holidays]

def assign(days, people):
    if not people:
        raise ValueError("there is nobody to assign")
    return {day: people[index ‹// ¦% ›len(people)] for index, day in enumerate(days)}

def swap(plan, first, second):
    «plan = dict(plan)¦for day in (first, second):
        if day not in plan:
            raise KeyError(day.isoformat())
    plan = dict(plan)»
    plan[first], plan[second] = plan[second], plan[first]
    return plan

def to_text(plan):
    return "\n".join(f"{day:%a %d %b}  {person}" for day, person in sorted(plan.items()))
`,
		change:
			'weekends count, a plan may repeat every so many weeks, and swapping days that are not in the plan is an error',
		renames: [
			['occurrences', 'dates_on'],
			['plan', 'roster'],
		],
		purpose:
			'a module that makes duty rosters: dates on given weekdays without holidays, assigned to people in turn',
		review:
			'The last day is left out, the loop steps by a week and so sees only one weekday, and people must take turns, which is the remainder and not the quotient.',
	},
];
