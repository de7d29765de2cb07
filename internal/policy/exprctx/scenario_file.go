package exprctx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
)

// scenarioFile is a context file.
type scenarioFile struct {
	RequestID string `json:"requestId"`
	Timestamp string
	Elapsed   string
	API       *struct {
		ID, Name, Path, Revision, Version, ServiceURL string
		IsCurrentRevision                             bool
		Protocols                                     []string
		SubscriptionKeyParameterNames                 struct{ Header, Query string }
	}
	Operation *struct{ ID, Name, Method, URLTemplate string }
	Product   *struct {
		ID, Name, State                        string
		ApprovalRequired, SubscriptionRequired bool
		SubscriptionLimit                      *int32
		APIs                                   []string
		Groups                                 []policy.Named
	}
	Subscription *struct {
		ID, Name, Key, PrimaryKey, SecondaryKey string
		CreatedDate                             time.Time
		StartDate, EndDate                      *time.Time
	}
	User *struct {
		ID, FirstName, LastName, Email, Note string
		RegistrationDate                     time.Time
		Groups                               []policy.Named
		Identities                           []policy.UserIdentity
	}
	Deployment *struct {
		GatewayID, GatewayInstanceID, Region, ServiceName, ServiceID string
		Certificates                                                 orderedStrings
	}
	Request   *fileRequest
	Response  *fileResponse
	Variables orderedVariables
	Workspace *policy.Named
	Backend   *struct{ ID, Type, AzureRegion string }
	LastError *struct{ Source, Reason, Message, Scope, Section, Path, PolicyID string }
}

type fileRequest struct {
	Method, URL, OriginalURL, IPAddress, Certificate string
	MatchedParameters                                map[string]string
	Headers                                          fileHeaders
	Body                                             *string
}

type fileResponse struct {
	StatusCode   int
	StatusReason string
	Headers      fileHeaders
	Body         *string
}

// fileHeaders are name and value pairs in order.
type fileHeaders [][2]string

func (h fileHeaders) fields() message.Header {
	var out message.Header
	for _, f := range h {
		out.Add(f[0], f[1])
	}
	return out
}

// UnmarshalJSON reads a list of pairs, or an object.
func (h *fileHeaders) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return json.Unmarshal(data, (*[][2]string)(h))
	}
	var list orderedStrings
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, f := range list {
		*h = append(*h, [2]string{f.name, f.value})
	}
	return nil
}

func (r *fileResponse) message() *message.Response {
	m := &message.Response{Status: r.StatusCode, Reason: r.StatusReason, Header: r.Headers.fields(), Body: message.NoBody()}
	if r.Body != nil {
		m.Body = message.NewStringBody(*r.Body)
	}
	return m
}

type namedString struct{ name, value string }

// orderedStrings is a JSON object of texts in its order.
type orderedStrings []namedString

// UnmarshalJSON keeps the order of the members.
func (o *orderedStrings) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("expected an object of texts")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var v string
		if err := d.Decode(&v); err != nil {
			return err
		}
		text, _ := name.(string)
		*o = append(*o, namedString{text, v})
	}
	return nil
}

// entities makes the domain objects of a file.
func (s *Scenario) entities(identities map[string]*cert.Identity) error {
	f := &s.file
	if a := f.API; a != nil {
		s.route.API = &apim.API{ID: a.ID, Name: a.Name, Path: a.Path, Revision: a.Revision, Version: a.Version,
			Current: a.IsCurrentRevision, ServiceURL: a.ServiceURL, Protocols: a.Protocols,
			KeyHeader: a.SubscriptionKeyParameterNames.Header, KeyQuery: a.SubscriptionKeyParameterNames.Query}
	}
	if o := f.Operation; o != nil {
		s.route.Operation = &apim.Operation{ID: o.ID, Name: o.Name, Method: o.Method, URLTemplate: o.URLTemplate}
	}
	s.callers()
	s.deployment = &policy.Deployment{}
	if d := f.Deployment; d != nil {
		certificates, err := certificateEntities(d.Certificates, identities)
		if err != nil {
			return err
		}
		s.deployment = &policy.Deployment{ServiceName: d.ServiceName, ServiceID: d.ServiceID, Region: d.Region,
			GatewayID: d.GatewayID, InstanceID: d.GatewayInstanceID, Certificates: certificates}
	}
	s.deployment.Cached(func() any { Universe(); return newDeployment(s.deployment, true) })
	return nil
}

func (s *Scenario) callers() {
	f := &s.file
	if p := f.Product; p != nil {
		s.caller.Product = &policy.ProductInfo{ID: p.ID, Name: p.Name, Published: p.State == "Published",
			ApprovalRequired: p.ApprovalRequired, SubscriptionRequired: p.SubscriptionRequired,
			SubscriptionLimit: p.SubscriptionLimit, Groups: p.Groups}
		for _, id := range p.APIs {
			s.caller.Product.APIs = append(s.caller.Product.APIs, policy.Named{ID: id, Name: id})
		}
	}
	if u := f.Subscription; u != nil {
		s.caller.Subscription = &policy.Subscription{ID: u.ID, Name: u.Name, Key: u.Key, PrimaryKey: u.PrimaryKey,
			SecondaryKey: u.SecondaryKey, Created: u.CreatedDate, Start: orZero(u.StartDate), End: orZero(u.EndDate)}
	}
	if u := f.User; u != nil {
		s.caller.User = &policy.User{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email, Note: u.Note,
			Registered: u.RegistrationDate, Groups: u.Groups, Identities: u.Identities}
	}
	if b := f.Backend; b != nil {
		s.caller.Backend = &policy.BackendInfo{ID: b.ID, Region: b.AzureRegion, Pool: b.Type == "Pool"}
	}
	s.caller.Workspace = f.Workspace
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
