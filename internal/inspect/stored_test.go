package inspect

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/testkit"
)

func TestStoredCertificates(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	s := newServer(t, func(_ *Options, svc *apim.Service) {
		svc.Certificates = append(entities(t, root.NewClient(t, "used"), root.NewClient(t, "spare")), apim.Certificate{ID: "unread"})
		svc.Policy = document1(svc.Certificates[0].Identity.Certificate.Thumbprint())
	})
	var got struct {
		Certificates []struct {
			ID, Subject, Thumbprint, ThumbprintSHA256, PEM string
			Uses                                           *int
		}
	}
	if code := call(t, s, "GET", "/postern/v1/certificates", nil, &got); code != 200 || len(got.Certificates) != 2 {
		t.Fatalf("%d %+v, want the two that were read", code, got)
	}
	first := got.Certificates[0]
	if first.ID != serviceID+"/certificates/c0" || first.Subject != "CN=used" || len(first.ThumbprintSHA256) != 64 ||
		!strings.HasPrefix(first.PEM, "-----BEGIN CERTIFICATE-----") || strings.Contains(first.PEM, "KEY") {
		t.Errorf("%+v", first)
	}
	for i, want := range []int{1, 0} {
		if n := got.Certificates[i].Uses; n == nil || *n != want {
			t.Errorf("certificate %d: uses %v, want %d", i, n, want)
		}
	}
}

func TestStoredAuthorities(t *testing.T) {
	root, other := testkit.NewRoot(t, "Root"), testkit.NewRoot(t, "Other")
	middle := root.NewIntermediate(t, "Middle")
	orphan := testkit.NewRoot(t, "Absent").NewIntermediate(t, "Orphan")
	low := middle.NewIntermediate(t, "Low")
	order := []*testkit.Cert{low, root, orphan, middle, other}
	want := []string{"3", "null", "null", "1", "null"}
	s := newServer(t, func(o *Options, _ *apim.Service) {
		o.Resources = func(context.Context) ([]*resource.Resource, error) {
			service := stored(t, serviceID, `{"certificates":[{"storeName":"CertificateAuthority"},{"storeName":"Root"},{"storeName":"CertificateAuthority"},{"storeName":"CertificateAuthority"},{"storeName":"Root"}]}`, "")
			service.Hidden.Identities = map[string]resource.Identity{}
			for i, c := range order {
				service.Hidden.Identities["ca/"+string(rune('0'+i))] = resource.Identity{Certificate: c.Cert(t).Raw}
			}
			return []*resource.Resource{stored(t, serviceID+"/apis/a", `{}`, ""), service}, nil
		}
	})
	var got struct {
		Authorities []struct {
			Index                 int
			StoreName, Thumbprint string
			Parent                json.RawMessage
		}
	}
	if code := call(t, s, "GET", "/postern/v1/authorities", nil, &got); code != 200 || len(got.Authorities) != len(order) {
		t.Fatalf("%d %+v", code, got)
	}
	for i, a := range got.Authorities {
		if a.Index != i || a.Thumbprint != order[i].Cert(t).Thumbprint() || string(a.Parent) != want[i] {
			t.Errorf("%d: %+v with parent %s, want %s", i, a, a.Parent, want[i])
		}
	}
	if got.Authorities[1].StoreName != "Root" {
		t.Errorf("store %q", got.Authorities[1].StoreName)
	}
}
