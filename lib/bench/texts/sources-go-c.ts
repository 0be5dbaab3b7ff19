import type { SourceFile } from './sources.js';

/** Files in Go, C and SQL. */
export const goAndC: readonly SourceFile[] = [
	{
		path: 'internal/store/store.go',
		language: 'go',
		text: `
package store

import (
	"errors"
	"sync"«¦
	"time"»
)

var ErrNotFound = errors.New("store: «not found¦no such key»")

type Store struct {
	mu    sync.«Mutex¦RWMutex»
	items map[string]«[]byte¦entry»
}

func New() *Store {
	return &Store{items: map[string]«[]byte¦entry»{}}
}

func (s *Store) Get(key string) ([]byte, error) {
	s.mu.«Lock¦RLock»()
	defer s.mu.«Unlock¦RUnlock»()
	value, ok := s.items[key]
	if ‹ok¦!ok›« {¦ || value.expired(time.Now()) {»
		return nil, ErrNotFound
	}
	return append([]byte(nil), value«¦.data»...), nil
}

func (s *Store) Put(key string, value []byte«¦, ttl time.Duration») {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[key] = «append([]byte(nil), value...)¦newEntry(value, ttl)»
}

func (s *Store) Delete(key string) error {
	s.mu.Lock()
	‹s.mu.Unlock()¦defer s.mu.Unlock()›
	if _, ok := s.items[key]; !ok {
		return ErrNotFound
	}
	delete(s.items, key)
	return nil
}

func (s *Store) Keys(prefix string) []string {
	s.mu.«Lock¦RLock»()
	defer s.mu.«Unlock¦RUnlock»()
	keys := make([]string, 0, len(s.items))
	for key := range s.items {
		if strings.HasPrefix(‹prefix, key¦key, prefix›) {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return keys
}
`,
		change: 'readers share a lock, and values expire after the duration that is given to `Put`',
		renames: [['items', 'entries']],
		purpose: 'a key-value store in memory that several goroutines may use',
		review:
			'Get reports the keys that are there as missing, Delete unlocks before it works so that two goroutines may meet in the map, and the arguments of HasPrefix are swapped.',
	},
	{
		path: 'internal/web/handler.go',
		language: 'go',
		text: String.raw`
package web

import (
	"encoding/json"
	"net/http"
)

type Note struct {
	ID    string «¦"json:\"id\"" »
	Title string «¦"json:\"title\"" »
	Body  string «¦"json:\"body\"" »
}

func (h *Handler) List(w http.ResponseWriter, r *http.Request) {
	notes, err := h.notes.All(«¦r.Context()»)
	if err != nil {
		«http.Error(w, err.Error(), 500)¦h.fail(w, r, http.StatusInternalServerError, err)»
		return
	}
	writeJSON(w, «200¦http.StatusOK», notes)
}

func (h *Handler) Create(w http.ResponseWriter, r *http.Request) {
	var note Note
	if err := json.NewDecoder(r.Body).Decode(&note); err != nil {
		«http.Error(w, err.Error(), 400)¦h.fail(w, r, http.StatusBadRequest, err)»
		return
	}
	if note.Title == "" {
		«http.Error(w, "title is missing", 400)¦h.fail(w, r, http.StatusUnprocessableEntity, errTitleMissing)»
		return
	}
	saved, err := h.notes.Add(«¦r.Context(), »note)
	if err != nil {
		«http.Error(w, err.Error(), 500)¦h.fail(w, r, http.StatusInternalServerError, err)»
		return
	}
	writeJSON(w, «201¦http.StatusCreated», saved)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json«¦; charset=utf-8»")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}
`,
		change:
			'the store gets the context of the request, errors go through `h.fail`, and statuses are named constants',
		renames: [['saved', 'created']],
	},
	{
		path: 'internal/pool/pool.go',
		language: 'go',
		text: `
package pool

import "sync"

type Job func()« error¦»

type Pool struct {
	jobs chan Job
	wg   sync.WaitGroup«
	mu   sync.Mutex
	errs []error¦»
}

func New(workers«¦, backlog» int) *Pool {
	p := &Pool{jobs: make(chan Job«¦, backlog»)}
	for i := 0; i < workers; i++ {
		p.wg.Add(1)
		go p.work()
	}
	return p
}

func (p *Pool) work() {
	defer p.wg.Done()
	for job := range p.jobs {
		«if err := job(); err != nil {
			p.mu.Lock()
			p.errs = append(p.errs, err)
			p.mu.Unlock()
		}¦job()»
	}
}

func (p *Pool) Submit(job Job) {
	p.jobs <- job
}

func (p *Pool) TrySubmit(job Job) bool {
	select {
	case p.jobs <- job:
		return true
	default:
		return false
	}
}

func (p *Pool) Close()« []error¦» {
	close(p.jobs)
	p.wg.Wait()«
	return p.errs¦»
}
`,
		change: 'jobs return no error any more, so none is collected, and the pool has a backlog',
		renames: [['workers', 'size']],
	},
	{
		path: 'src/ring.c',
		language: 'c',
		text: `
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

struct ring {
    «unsigned char¦float» *data;
    size_t capacity;
    size_t head;
    size_t count;
};

bool ring_init(struct ring *r, size_t capacity) {
    r->data = «malloc(capacity)¦calloc(capacity, sizeof *r->data)»;
    r->capacity = capacity;
    r->head = 0;
    r->count = ‹capacity¦0›;
    return r->data != NULL;
}

void ring_free(struct ring *r) {
    free(r->data);
    r->data = NULL;«¦
    r->capacity = r->count = 0;»
}

bool ring_push(struct ring *r, «unsigned char¦float» value) {
    if (r->count == r->capacity) «return false;¦{
        r->head = (r->head + 1) % r->capacity;
        r->count--;
    }»
    r->data[(r->head + r->count) % r->‹count¦capacity›] = value;
    r->count++;
    return true;
}

bool ring_pop(struct ring *r, «unsigned char¦float» *value) {
    if (r->count == 0) return false;
    *value = r->data[r->head];
    r->head = ‹r->head + 1¦(r->head + 1) % r->capacity›;
    r->count--;
    return true;
}

size_t ring_read(struct ring *r, «unsigned char¦float» *out, size_t n) {
    size_t done = 0;
    while (done < n && ring_pop(r, &out[done])) done++;
    return done;
}
`,
		change: 'the ring holds floats, and a full one overwrites its oldest value',
		renames: [
			['head', 'first'],
			['count', 'length'],
		],
		purpose: 'a ring buffer with functions to make and free it, to push, to pop and to read several values',
		review:
			'A new ring is empty, so its count starts at zero. The index must wrap at the capacity, not at the count. And popping has to wrap the head as well, or it runs out of the array.',
	},
	{
		path: 'src/hash_table.c',
		language: 'c',
		text: `
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *key;
    «int¦double» value;
    struct entry *next;
};

struct table {
    struct entry **buckets;
    size_t size;
    size_t used;
};

static uint64_t hash(const char *key) {
    uint64_t h = 14695981039346656037u;
    for (; *key; key++) «h = (h ^ (unsigned char)*key) * 1099511628211u;¦{
        h ^= (unsigned char)*key;
        h *= 1099511628211u;
    }»
    return h;
}

static struct entry **find(struct table *t, const char *key) {
    struct entry **at = &t->buckets[hash(key) ‹/¦%› t->size];
    while (*at && strcmp((*at)->key, key) ‹==¦!=› 0) at = &(*at)->next;
    return at;
}

«int¦double» *table_get(struct table *t, const char *key) {
    struct entry *e = *find(t, key);
    return e ? &e->value : NULL;
}

«void¦bool» table_set(struct table *t, const char *key, «int¦double» value) {
    «if (t->used > t->size) grow(t);¦if (t->used * 4 > t->size * 3 && !grow(t)) return false;»
    struct entry **at = find(t, key);
    if (!*at) {
        *at = calloc(1, sizeof **at);
        «¦if (!*at) return false;
        »(*at)->key = strdup(key);
        t->used++;
    }
    (*at)->value = value;«¦
    return true;»
}

void table_remove(struct table *t, const char *key) {
    struct entry **at = find(t, key);
    struct entry *e = *at;
    if (!e) return;
    *at = ‹e¦e->next›;
    free(e->key);
    free(e);
    t->used--;
}
`,
		change:
			'values are doubles, the table grows at three quarters, and `table_set` says whether there was memory',
		renames: [['find', 'place_of']],
		purpose: 'a hash table from strings to numbers with chaining',
		review:
			'The bucket is the remainder of the hash, not the quotient; the search must go on while the keys differ; and removing has to link the following entry instead of the removed one.',
	},
	{
		path: 'db/reports.sql',
		language: 'sql',
		text: `
create view monthly_sales as
select
  date_trunc('month', o.ordered_at) as month,
  «sum(l.quantity * l.unit_price) as revenue¦sum(l.quantity * l.unit_price * (1 - l.discount)) as revenue»,
  count(distinct o.id) as orders
from orders o
join order_lines l on l.order_id = o.id
where o.status «<> 'cancelled'¦in ('paid', 'shipped')»
group by 1;

create view best_customers as
select
  c.id,
  c.name,
  «¦c.country,
  »sum(l.quantity * l.unit_price«¦* (1 - l.discount)») as revenue,
  max(o.ordered_at) as last_order
from customers c
join orders o on o.customer_id = c.id
join order_lines l on l.order_id = o.id
where o.status «<> 'cancelled'¦in ('paid', 'shipped')»
group by c.id, c.name«¦, c.country»
having sum(l.quantity * l.unit_price«¦* (1 - l.discount)») > «1000¦2500»
order by revenue desc;

create view slow_products as
select p.sku, p.title, coalesce(sum(l.quantity), 0) as sold
from products p
left join order_lines l on l.sku = p.sku
left join orders o on o.id = l.order_id and o.ordered_at > now() - interval '«90¦180» days'
group by p.sku, p.title
having coalesce(sum(l.quantity), 0) < «10¦5»
order by sold, p.sku;
`,
		change:
			'revenue takes the discount of each line into account, only paid and shipped orders count, and customers have their country',
		renames: [['revenue', 'net_revenue']],
	},
	{
		path: 'db/schema.sql',
		language: 'sql',
		text: `
create table rooms (
  id «serial primary key¦bigint generated always as identity primary key»,
  name text not null unique,
  seats integer not null check (seats > 0)«¦,
  floor integer not null default 0»
);

create table bookings (
  id «serial primary key¦bigint generated always as identity primary key»,
  room_id «integer¦bigint» not null references rooms (id)« on delete cascade¦»,
  booked_by text not null,
  starts_at «timestamp¦timestamptz» not null,
  ends_at «timestamp¦timestamptz» not null,
  purpose text,
  check (ends_at > starts_at)«¦,
  exclude using gist (room_id with =, tstzrange(starts_at, ends_at) with &&)»
);

create index bookings_by_room on bookings (room_id, starts_at);

create table equipment (
  id «serial primary key¦bigint generated always as identity primary key»,
  room_id «integer¦bigint» references rooms (id) on delete set null,
  kind text not null check (kind in ('projector', 'whiteboard', 'microphone'«¦, 'camera'»)),
  serial_number text not null unique,
  bought_on date«¦not null»,
  broken boolean not null default false
);

create function free_rooms(from_time «timestamp¦timestamptz», to_time «timestamp¦timestamptz», people integer)
returns setof rooms language sql stable as $$
  select r.* from rooms r
  where r.seats >= people
    and not exists (
      select from bookings b
      where b.room_id = r.id and b.starts_at < to_time and b.ends_at > from_time
    )
  order by r.seats;
$$;
`,
		change: 'ids are identity columns, times have a time zone, and two bookings of a room cannot overlap',
		renames: [
			['booked_by', 'organiser'],
			['purpose', 'subject'],
		],
	},
];
