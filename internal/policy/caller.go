package policy

import (
	"sync"
	"time"
)

// Caller is who calls, and in what context, as far as it is known: each field may be nil.
type Caller struct {
	Product      *ProductInfo
	Subscription *Subscription
	User         *User
	Workspace    *Named
	// Backend is the backend entity in use.
	Backend *BackendInfo
}

// Named is a thing with an id and a display name: a workspace or a group.
type Named struct {
	ID, Name string
}

// ProductInfo is context.Product.
type ProductInfo struct {
	ID, Name                               string
	Published                              bool
	ApprovalRequired, SubscriptionRequired bool
	// SubscriptionLimit is nil where there is none.
	SubscriptionLimit *int32
	Groups            []Named
	APIs              []Named
}

// Subscription is context.Subscription.
type Subscription struct {
	ID, Name, Key, PrimaryKey, SecondaryKey string
	Created                                 time.Time
	// Start and End are zero where they are not set.
	Start, End time.Time
}

// User is context.User.
type User struct {
	ID, FirstName, LastName, Email, Note string
	Registered                           time.Time
	Groups                               []Named
	Identities                           []UserIdentity
}

// UserIdentity is one way that a user signs in.
type UserIdentity struct {
	ID, Provider string
}

// BackendInfo is context.Backend.
type BackendInfo struct {
	ID, Region string
	// Pool tells a pool from a single backend.
	Pool bool
}

// cached is what the expression language has made of a Deployment.
type cached struct {
	once  sync.Once
	value any
}

// Cached is what build gave the first time that it was asked for; for the expression language, which keeps its
// objects here as long as the snapshot lives.
func (d *Deployment) Cached(build func() any) any {
	d.cached.once.Do(func() { d.cached.value = build() })
	return d.cached.value
}
