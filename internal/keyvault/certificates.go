package keyvault

import (
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/internal/vault"
)

// certificateInput is the body of create, import, update and merge.
type certificateInput struct {
	Value         *string            `json:"value"`
	Password      *string            `json:"pwd"`
	X5C           []string           `json:"x5c"`
	Policy        *vault.Policy      `json:"policy"`
	Attributes    *attributes        `json:"attributes"`
	Tags          map[string]*string `json:"tags"`
	PreserveOrder *bool              `json:"preserveCertOrder"`
}

func (in certificateInput) input() vault.CertificateInput {
	out := vault.CertificateInput{Policy: in.Policy, Tags: tagsOf(in.Tags), PreserveOrder: in.PreserveOrder}
	if in.Attributes != nil {
		out.Enabled = in.Attributes.Enabled
	}
	return out
}

// certificateBundle is a certificate on the wire.
type certificateBundle struct {
	ID            string            `json:"id"`
	KID           string            `json:"kid,omitempty"`
	SID           string            `json:"sid,omitempty"`
	X5T           string            `json:"x5t,omitempty"`
	CER           []byte            `json:"cer,omitempty"`
	ContentType   string            `json:"contentType,omitempty"`
	Attributes    *attributes       `json:"attributes"`
	Tags          map[string]string `json:"tags,omitempty"`
	Policy        *policyBundle     `json:"policy,omitempty"`
	Pending       *pendingLink      `json:"pending,omitempty"`
	PreserveOrder bool              `json:"preserveCertOrder"`
	deletion
}

type pendingLink struct {
	ID string `json:"id"`
}

// policyBundle is a policy on the wire.
type policyBundle struct {
	ID string `json:"id"`
	vault.Policy
}

func (c *call) policy(name string, p vault.Policy) *policyBundle {
	return &policyBundle{c.id(vault.Certificates, name, "policy"), p}
}

func (c *call) certificate(x vault.Certificate) certificateBundle {
	b := certificateBundle{
		ID: c.id(vault.Certificates, x.Name, x.Version), CER: x.DER, ContentType: x.ContentType, Attributes: attributesOf(x.Item),
		Tags: x.Tags, PreserveOrder: x.PreserveOrder, deletion: c.deletion(vault.Certificates, x.Item),
	}
	if x.DER != nil {
		b.KID, b.SID = c.id(vault.Keys, x.Name, x.Version), c.id(vault.Secrets, x.Name, x.Version)
		b.X5T = base64.RawURLEncoding.EncodeToString(x.Thumbprint)
	}
	if x.Policy != nil {
		b.Policy = c.policy(x.Name, *x.Policy)
	}
	if x.Pending {
		b.Pending = &pendingLink{c.id(vault.Certificates, x.Name, "pending")}
	}
	return b
}

func getCertificate(c *call) (int, any, error) {
	x, err := c.vault.GetCertificate(c.ctx(), c.name, c.version)
	return http.StatusOK, c.certificate(x), err
}

func importCertificate(c *call) (int, any, error) {
	var in certificateInput
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	if in.Value == nil || *in.Value == "" {
		return 0, nil, badParameter("Property value has invalid value: a certificate in base64 or PEM is needed.")
	}
	x, err := c.vault.ImportCertificate(c.ctx(), c.name, *in.Value, in.Password, in.input())
	return http.StatusOK, c.certificate(x), err
}

func updateCertificate(c *call) (int, any, error) {
	var in certificateInput
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	change, err := in.Attributes.change(in.Tags, nil)
	if err != nil {
		return 0, nil, err
	}
	x, err := c.vault.UpdateCertificate(c.ctx(), c.name, c.version, change, in.Policy)
	return http.StatusOK, c.certificate(x), err
}

func getPolicy(c *call) (int, any, error) {
	p, err := c.vault.GetPolicy(c.ctx(), c.name)
	return http.StatusOK, c.policy(c.name, p), err
}

func updatePolicy(c *call) (int, any, error) {
	var in vault.Policy
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	p, err := c.vault.SetPolicy(c.ctx(), c.name, in)
	return http.StatusOK, c.policy(c.name, p), err
}

// operationBundle is the issuing of a certificate on the wire.
type operationBundle struct {
	ID            string                 `json:"id"`
	Issuer        vault.IssuerParameters `json:"issuer"`
	CSR           []byte                 `json:"csr,omitempty"`
	Cancel        bool                   `json:"cancellation_requested"`
	Status        string                 `json:"status"`
	Details       string                 `json:"status_details,omitempty"`
	Error         *wireBody              `json:"error,omitempty"`
	Target        string                 `json:"target,omitempty"`
	RequestID     string                 `json:"request_id"`
	PreserveOrder bool                   `json:"preserveCertOrder"`
}

func (c *call) operation(o vault.Operation) operationBundle {
	b := operationBundle{
		ID: c.id(vault.Certificates, o.Name, "pending"), Issuer: o.Issuer, CSR: o.CSR, Cancel: o.Cancel, Status: o.Status,
		Details: o.Details, RequestID: o.RequestID, PreserveOrder: o.PreserveOrder,
	}
	if o.Status == vault.StatusCompleted {
		b.Target = c.id(vault.Certificates, o.Name, "")
	}
	if o.Error != "" {
		b.Error = &wireBody{Code: "Certificate issuer error", Message: o.Error}
	}
	return b
}

// location says in the answer where what was made is.
func (c *call) location(path, more string) {
	c.header.Set("Location", c.base+path+"?api-version="+url.QueryEscape(c.query.Get("api-version"))+more)
}

func createCertificate(c *call) (int, any, error) {
	var in certificateInput
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	o, err := c.vault.CreateCertificate(c.ctx(), c.name, in.input())
	if err == nil {
		c.location("/certificates/"+o.Name+"/pending", "&request_id="+o.RequestID)
	}
	return http.StatusAccepted, c.operation(o), err
}

func getPending(c *call) (int, any, error) {
	o, err := c.vault.GetOperation(c.ctx(), c.name, c.query.Get("request_id"))
	return http.StatusOK, c.operation(o), err
}

func updatePending(c *call) (int, any, error) {
	var in struct {
		Cancel *bool `json:"cancellation_requested"`
	}
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	if in.Cancel == nil {
		return 0, nil, badParameter("Property cancellation_requested has invalid value: true or false is needed.")
	}
	o, err := c.vault.CancelOperation(c.ctx(), c.name, c.query.Get("request_id"), *in.Cancel)
	return http.StatusOK, c.operation(o), err
}

func deletePending(c *call) (int, any, error) {
	o, err := c.vault.DeleteOperation(c.ctx(), c.name, c.query.Get("request_id"))
	return http.StatusOK, c.operation(o), err
}

func mergeCertificate(c *call) (int, any, error) {
	var in certificateInput
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	if len(in.X5C) == 0 {
		return 0, nil, badParameter("Property x5c has invalid value: the signed certificate and its chain are needed.")
	}
	var chain [][]byte
	for i, text := range in.X5C {
		certificates, err := certificatesOf(text)
		if err != nil {
			return 0, nil, badParameter("Property x5c[%d] has invalid value: it is no certificate in base64.", i)
		}
		chain = append(chain, certificates...)
	}
	x, err := c.vault.MergeCertificate(c.ctx(), c.name, chain, in.input())
	if err == nil {
		c.location("/certificates/"+x.Name, "")
	}
	return http.StatusCreated, c.certificate(x), err
}

// certificatesOf are the certificates of an entry of x5c: base64 of DER. Clients also send base64 of PEM, and base64 of
// base64 of DER (the samples of Azure's SDKs for Python and JavaScript do).
func certificatesOf(text string) ([][]byte, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		list = append(list, block.Bytes)
	}
	if list != nil {
		return list, nil
	}
	if inner, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(data)), "")); err == nil {
		data = inner
	}
	return [][]byte{data}, nil
}
