package arm

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

// change is one write while it is being checked.
type change struct {
	ctx context.Context
	s   *Server
	q   *request
	// old is the present state, nil on creation; next the new one, nil on deletion.
	old, next *resource.Resource
	// patched holds what a PATCH sent; nil for a PUT.
	patched map[string]any
	// entries are all resources and epoch the epoch's revision, of one revision; only where the kind depends on others.
	entries []store.Entry
	epoch   int64
	// require are conditions, also operations, that the rule adds to the commit.
	require []store.Condition
	also    []store.Op
	// fetched is what the references of next gave, by slot; nil where none was looked at.
	fetched map[string]fetched
	// notes are what the audit says of the change beside what every change has: whom it gives permissions.
	notes []slog.Attr
	// remarks are what the rule has to say of a change that it does not refuse.
	remarks []string
}

// attempts is how often a write is tried when others write the same resource, or what it depends on, meanwhile.
const attempts = 20

// pause waits a random while, longer at later tries, and reports false if the client has gone.
func pause(ctx context.Context, try int) bool {
	most := min(time.Millisecond<<try, 100*time.Millisecond)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(rand.N(most)):
		return true
	}
}

func deleting(c *change) bool { return c.next == nil }

// ifMatch is what the client asked of the present state.
type ifMatch struct {
	given, any bool
	revision   int64
	absent     bool // If-None-Match: *
}

func parseIfMatch(r *http.Request) ifMatch {
	m := ifMatch{absent: strings.TrimSpace(r.Header.Get("If-None-Match")) == "*"}
	text := strings.TrimSpace(r.Header.Get("If-Match"))
	switch text {
	case "":
		return m
	case "*":
		m.given, m.any = true, true
		return m
	}
	m.given, m.revision = true, -1
	raw, err := base64.StdEncoding.DecodeString(strings.Trim(strings.TrimPrefix(text, "W/"), `"`))
	if err == nil && len(raw) == 8 {
		m.revision = int64(binary.BigEndian.Uint64(raw))
	}
	return m
}

// etag is the entity tag of a revision.
func etag(revision int64) string {
	return `"` + base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(revision))) + `"`
}

var errModified = fault.New(fault.PreconditionFailed, "Resource was modified since last retrieval. Please retrieve latest version.")

func (m ifMatch) holds(old *resource.Resource) error {
	switch {
	case m.absent && old != nil:
		return fault.New(fault.PreconditionFailed, "The resource exists already.")
	case !m.given:
		return nil
	case old == nil:
		return errModified
	case !m.any && m.revision != old.Revision:
		return errModified
	}
	return nil
}

// fetch is the stored resource; nil if there is none.
func (s *Server) fetch(ctx context.Context, id resource.ID) (*resource.Resource, error) {
	e, err := s.Store.Get(ctx, id.Key())
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return resource.Decode(e)
}

// write runs one change: build makes the next state of the old one.
func (s *Server) write(q *request, build func(*change) error) (*change, error) {
	match := parseIfMatch(q.Request)
	for try := 1; ; try++ {
		c := &change{ctx: q.Context(), s: s, q: q}
		err := s.writeOnce(c, match, build)
		if err == nil {
			return c, nil
		}
		if _, raced := errors.AsType[*store.ConditionError](err); !raced {
			return c, err
		}
		// Each try judges If-Match anew, by what is stored then.
		if try == attempts || !pause(c.ctx, try) {
			return c, fault.New(fault.Unavailable, "Other changes were made all the time; nothing was changed. Try again.")
		}
	}
}

func (s *Server) writeOnce(c *change, match ifMatch, build func(*change) error) error {
	release := func() {}
	defer func() { release() }()
	var err error
	if c.old, err = s.fetch(c.ctx, c.q.id); err != nil {
		return err
	}
	if err := s.parentExists(c); err != nil {
		return err
	}
	if err := match.holds(c.old); err != nil {
		return err
	}
	if err := build(c); err != nil {
		return err
	}
	if c.next != nil && c.q.kind.prepare != nil {
		if err := c.q.kind.prepare(c); err != nil {
			return err
		}
	}
	depends := c.q.kind.depends != nil && c.q.kind.depends(c)
	if depends {
		if release, err = s.serialize(c); err != nil {
			return err
		}
		if err := s.loadEntries(c); err != nil {
			return err
		}
	}
	if err := runRule(c); err != nil {
		return err
	}
	return s.commit(c, depends)
}

func runRule(c *change) error {
	if c.next != nil {
		return c.q.kind.check(c)
	}
	if c.old != nil && c.q.kind.release != nil {
		return c.q.kind.release(c)
	}
	return nil
}

func (s *Server) serialize(c *change) (release func(), err error) {
	select {
	case s.serial <- struct{}{}:
		return func() { <-s.serial }, nil
	case <-c.ctx.Done():
		return func() {}, fault.Wrap(fault.Unavailable, c.ctx.Err(), "The client gave up before the change began.")
	}
}

func (s *Server) parentExists(c *change) error {
	id := c.q.id
	parent, ok := parentOf(id)
	if !ok {
		return nil
	}
	if _, err := s.Store.Get(c.ctx, parent.Key()); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return notFound(parent)
		}
		return err
	}
	return nil
}

// parentOf is the resource that id stands below or on; ok is false for what stands in a group or a subscription.
func parentOf(id resource.ID) (parent resource.ID, ok bool) {
	switch {
	case !id.IsRoot():
		return id.Parent(), true
	case id.On != nil:
		return *id.On, true
	}
	return resource.ID{}, false
}

func notFound(id resource.ID) error {
	k := kindByType[id.Type()]
	if k == nil || id.IsRoot() && id.On == nil {
		return fault.New(fault.NotFound, "The Resource '%s/%s' under resource group '%s' was not found.", id.RootType(), id.RootName(), id.Group)
	}
	return fault.New(fault.NotFound, "%s not found.", k.title)
}

// loadEntries reads the epoch and then the entries, in this order: a change in between makes the commit's condition fail.
func (s *Server) loadEntries(c *change) error {
	epoch, err := s.Store.Get(c.ctx, c.q.id.EpochKey())
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	c.epoch = epoch.ModRevision
	c.entries, _, err = s.Store.List(c.ctx, resource.KeyPrefix)
	return err
}

// siblings calls f with each other stored entity of the collection that the change is in.
func (c *change) siblings(f func(*resource.Resource) error) error {
	key := c.q.id.Key()
	prefix := key[:strings.LastIndexByte(key, '/')+1]
	for _, e := range c.entries {
		rest, ok := strings.CutPrefix(e.Key, prefix)
		if !ok || e.Key == key || strings.Contains(rest, "/") {
			continue
		}
		r, err := resource.Decode(e)
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// service is the domain as it would be after the change. The old entries are used for all else.
func (c *change) service() (*apim.Service, error) {
	entries := make([]store.Entry, 0, len(c.entries)+1)
	key, placed := c.q.id.Key(), c.next == nil
	for _, e := range c.entries {
		if !placed && e.Key >= key {
			if err := c.appendNext(&entries); err != nil {
				return nil, err
			}
			placed = true
		}
		if e.Key != key {
			entries = append(entries, e)
		}
	}
	if !placed {
		if err := c.appendNext(&entries); err != nil {
			return nil, err
		}
	}
	return resource.NewLoader(c.s.Sealer).Load(entries)
}

func (c *change) appendNext(entries *[]store.Entry) error {
	value, err := c.next.Encode()
	*entries = append(*entries, store.Entry{Key: c.q.id.Key(), Value: value})
	return err
}

func (s *Server) commit(c *change, depends bool) error {
	key := c.q.id.Key()
	txn := store.Txn{If: c.require, Then: c.also}
	if c.old != nil {
		txn.If = append(txn.If, store.AtRevision(key, c.old.Revision))
	} else {
		txn.If = append(txn.If, store.Absent(key))
	}
	if parent, ok := parentOf(c.q.id); ok {
		txn.If = append(txn.If, store.Exists(parent.Key()))
	}
	if depends {
		txn.If = append(txn.If, store.AtRevision(c.q.id.EpochKey(), c.epoch))
		txn.Then = append(txn.Then, store.Put(c.q.id.EpochKey(), []byte(c.q.id.String())))
	}
	if c.next == nil {
		txn.Then = append(txn.Then, store.Delete(key), store.DeletePrefix(key+"/"), store.DeletePrefix(identity.AssignmentKey(c.q.id.String())+"/"))
	} else {
		c.next.Modified = time.Now().UTC()
		value, err := c.next.Encode()
		if err != nil {
			return err
		}
		txn.Then = append(txn.Then, store.Put(key, value))
	}
	revision, err := s.Store.Commit(c.ctx, txn)
	if err != nil {
		return err
	}
	if c.next != nil {
		c.next.Revision = revision
	}
	s.audit(c.q, c.q.id.String(), append(c.notes, slog.Int64(logkey.Revision, revision))...)
	if s.Live != nil {
		s.Live(c.ctx, revision)
	}
	return nil
}

// audit records a change that was made: what, by whom, never secrets.
func (s *Server) audit(q *request, id string, more ...slog.Attr) {
	attrs := append([]slog.Attr{slog.String(logkey.Method, q.Method), slog.String(logkey.Resource, id), slog.String(logkey.Principal, q.principal.Name),
		slog.String("object_id", q.principal.ID)}, more...)
	s.log.LogAttrs(q.Context(), slog.LevelInfo, "resource changed", attrs...)
}
