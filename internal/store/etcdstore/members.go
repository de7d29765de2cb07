package etcdstore

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"github.com/postern-gateway/postern/fault"
)

// Member is one etcd of the cluster that a store is in.
type Member struct {
	// Name is the member's name; empty until it has started for the first time.
	Name string
	// PeerURLs are where the other members reach it.
	PeerURLs []string
}

// Members lists the cluster's members, sorted by name.
func (s *Store) Members(ctx context.Context) ([]Member, error) {
	inner, end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	listed, err := s.listMembers(inner)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	var members []Member
	for _, m := range listed {
		members = append(members, Member{m.Name, m.PeerURLs})
	}
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return members, nil
}

func (s *Store) listMembers(ctx context.Context) ([]*pb.Member, error) {
	listed, err := s.client.MemberList(ctx)
	if err != nil {
		return nil, err
	}
	return listed.Members, nil
}

// AddMember tells the cluster of a member that will come: start it then, with
// Cluster.Existing and all members in Cluster.Members. A cluster of one waits
// for it from this moment on, as two of two are its majority. The fault is of
// Kind Invalid where peerURL is not https://host:port.
func (s *Store) AddMember(ctx context.Context, peerURL string) error {
	if u, err := url.Parse(peerURL); err != nil || u.Scheme != "https" || u.Port() == "" {
		return fault.New(fault.Invalid, "a cluster member's address must be https://host:port, not %q", peerURL)
	}
	inner, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, err = s.client.MemberAdd(inner, []string{peerURL})
	return s.explain(ctx, err)
}

// RemoveMember removes the member at peerURL for good; what it has on its disk
// is of no use afterwards. Kind NotFound if there is none.
func (s *Store) RemoveMember(ctx context.Context, peerURL string) error {
	inner, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	listed, err := s.listMembers(inner)
	if err != nil {
		return s.explain(ctx, err)
	}
	for _, m := range listed {
		if slices.Contains(m.PeerURLs, peerURL) {
			_, err := s.client.MemberRemove(inner, m.ID)
			return s.explain(ctx, err)
		}
	}
	return fault.New(fault.NotFound, "the cluster has no member at %q", peerURL)
}

// announce tells the cluster where this member is reached, if that is new: a
// store that began alone was reached nowhere.
func (s *Store) announce(c *Cluster, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(s.background, timeout)
	defer cancel()
	listed, err := s.listMembers(ctx)
	if err != nil {
		return s.explain(s.background, err)
	}
	for _, m := range listed {
		if m.ID == s.member.id() && !slices.Contains(m.PeerURLs, c.Members[c.Name]) {
			_, err := s.client.MemberUpdate(ctx, m.ID, []string{c.Members[c.Name]})
			return s.explain(s.background, err)
		}
	}
	return nil
}
