package pfx

import (
	"errors"

	"github.com/postern-gateway/postern/pki/cert"
)

// View is what .NET makes of a file, for machines: the fields, their names and their order are
// those of `postern cert show --jsonl` for lines with data. Either the certificate's fields are
// there, or Error and Message.
type View struct {
	// ContentType is a name, or {"error": type} where the content is not recognized.
	ContentType   any     `json:"contentType"`
	Thumbprint    *string `json:"thumbprint,omitempty"`
	Subject       *string `json:"subject,omitempty"`
	HasPrivateKey *bool   `json:"hasPrivateKey,omitempty"`
	FriendlyName  *string `json:"friendlyName,omitempty"`
	Error         *string `json:"error,omitempty"`
	Message       *string `json:"message,omitempty"`
}

type thrown struct {
	Error string `json:"error"`
}

// NewView loads data with password, nil if none was given, and shows what came of it.
func NewView(data []byte, password *string) View {
	v := View{}
	if kind, err := ContentType(data); err == nil {
		v.ContentType = kind
	} else {
		v.ContentType = thrown{exception(err).Type}
	}
	id, err := Load(data, password)
	if err != nil {
		e := exception(err)
		v.Error, v.Message = &e.Type, &e.Message
		return v
	}
	thumbprint, subject, hasKey, friendly := id.Certificate.Thumbprint(), id.Certificate.SubjectName(), id.Key != nil, ""
	v.Thumbprint, v.Subject, v.HasPrivateKey, v.FriendlyName = &thumbprint, &subject, &hasKey, &friendly
	return v
}

// exception finds the .NET exception in err.
func exception(err error) *cert.Exception {
	if e, ok := errors.AsType[*cert.Exception](err); ok {
		return e
	}
	return &cert.Exception{Type: cert.CryptographicException, Message: messageMalformed, Err: err}
}
