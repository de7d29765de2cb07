package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	pkcs12 "software.sslmate.com/src/go-pkcs12"
)

// The development endpoints of the management listener.
const (
	developmentRoot         = "/postern/v1/development/roots/client"
	developmentCertificates = "/postern/v1/development/certificates"
	developmentRevocations  = "/postern/v1/development/revocations"
)

func devCommand() *cobra.Command {
	c := &cobra.Command{Use: "dev", Short: "The development CA's client certificates, and managed identities for other processes"}
	c.AddCommand(devIssueCommand(), devRevokeCommand(), devIdentityCommand())
	return c
}

type issueOptions struct {
	dataDir, name, out, password string
	days                         int
}

func devIssueCommand() *cobra.Command {
	var o issueOptions
	c := &cobra.Command{
		Use:   "issue --name NAME",
		Short: "Issue a client certificate of the development CA: NAME.pem, NAME.key, NAME.pfx",
		Long: `Issues a client certificate of the development CA of the running postern. The private key is made here and
never leaves this machine. Written are NAME.pem (certificate), NAME.key (PKCS#8 key, 0600), NAME.pfx (both and the
root, 0600) and client-root.pem (the development CA's client root).`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return devIssue(c, o) },
	}
	dataDirFlag(c, &o.dataDir)
	c.Flags().StringVar(&o.name, "name", "", "common name of the certificate, and name of the files")
	c.Flags().StringVar(&o.out, "out", ".", "folder to write to")
	c.Flags().StringVar(&o.password, "pfx-password", "", "password of the PFX")
	c.Flags().IntVar(&o.days, "days", 365, "days of validity")
	_ = c.MarkFlagRequired("name") // the flag is there
	return c
}

func devIssue(c *cobra.Command, o issueOptions) error {
	if strings.ContainsAny(o.name, `/\`) || strings.HasPrefix(o.name, ".") || o.name == "" {
		return fmt.Errorf("the name %q cannot be a file name", o.name)
	}
	client, _, err := connect(o.dataDir)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return err
	}
	body := map[string]any{"csr": base64.StdEncoding.EncodeToString(csr), "name": o.name, "days": o.days}
	var answer struct{ Certificate, Root string }
	if _, err := client.Do(c.Context(), "POST", developmentCertificates, body, &answer); err != nil {
		return clientError(err)
	}
	leaf, err := decodeBytes(answer.Certificate)
	if err != nil {
		return err
	}
	root, err := decodeBytes(answer.Root)
	if err != nil {
		return err
	}
	return writeIssued(c, o, leaf, root, key)
}

func writeIssued(c *cobra.Command, o issueOptions, leaf, root []byte, key *ecdsa.PrivateKey) error {
	leafCert, err := x509.ParseCertificate(leaf)
	if err != nil {
		return err
	}
	rootCert, err := x509.ParseCertificate(root)
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	pfx, err := pkcs12.Modern2023.Encode(key, leafCert, []*x509.Certificate{rootCert}, o.password)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
		mode fs.FileMode
	}{
		{o.name + ".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}), 0o644},
		{o.name + ".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600},
		{o.name + ".pfx", pfx, 0o600},
		{"client-root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o644},
	} {
		path := filepath.Join(o.out, f.name)
		if err := os.WriteFile(path, f.data, f.mode); err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), path)
	}
	return nil
}

func devRevokeCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "revoke FILE",
		Short: "Revoke a client certificate of the development CA (PEM or DER)",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			if block, _ := pem.Decode(data); block != nil {
				data = block.Bytes
			}
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			_, err = client.Do(c.Context(), "POST", developmentRevocations, map[string]any{"certificate": base64.StdEncoding.EncodeToString(data)}, nil)
			return clientError(err)
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}
