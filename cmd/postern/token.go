package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/internal/config"
)

// The endpoints of the administration of tokens.
const (
	tokensPath       = "/postern/v1/tokens"
	applicationsPath = "/postern/v1/applications"
)

func tokenCommand() *cobra.Command {
	c := &cobra.Command{Use: "token", Short: "Long-lived tokens of the administrator"}
	c.AddCommand(tokenCreateCommand(), tokenListCommand(), tokenRevokeCommand())
	return c
}

func tokenCreateCommand() *cobra.Command {
	var dataDir, name string
	var days int
	c := &cobra.Command{
		Use:   "create --name NAME",
		Short: "Make a long-lived bearer token of the administrator and print it, once",
		Long: `Makes a bearer token that may do what the administrator may, at the management API and at the vault, and prints it.
Only its digest is stored: it cannot be shown again. It works until it is revoked, or for --days days.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			var made struct{ Token string }
			if _, err := client.Do(c.Context(), "POST", tokensPath, map[string]any{"name": name, "days": days}, &made); err != nil {
				return clientError(err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), made.Token)
			return err
		},
	}
	dataDirFlag(c, &dataDir)
	c.Flags().StringVar(&name, "name", "", "name of the token, to revoke it by")
	c.Flags().IntVar(&days, "days", 0, "days that it works; 0: until it is revoked")
	_ = c.MarkFlagRequired("name") // the flag is there
	return c
}

func tokenListCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the long-lived tokens there are: id, name, end",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			var all struct {
				Value []struct{ ID, Name, Principal, Expires string }
			}
			if _, err := client.Do(c.Context(), "GET", tokensPath, nil, &all); err != nil {
				return clientError(err)
			}
			for _, t := range all.Value {
				if t.Name == "" {
					t.Name = "(of " + config.AdminFile + ")"
				}
				if t.Expires == "" {
					t.Expires = "never"
				}
				fmt.Fprintf(c.OutOrStdout(), "%s\t%s\t%s\n", t.ID, t.Name, t.Expires)
			}
			return nil
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}

func tokenRevokeCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "revoke NAME|ID",
		Short: "End a long-lived token at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			_, err = client.Do(c.Context(), "DELETE", tokensPath+"/"+url.PathEscape(args[0]), nil, nil)
			return clientError(err)
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}

func applicationCommand() *cobra.Command {
	c := &cobra.Command{Use: "application", Short: "Applications that log in with a secret or a certificate"}
	c.AddCommand(applicationCreateCommand(), applicationDeleteCommand())
	return c
}

func applicationCreateCommand() *cobra.Command {
	var dataDir, name, certificate string
	var days int
	c := &cobra.Command{
		Use:   "create --name NAME",
		Short: "Make an application and print its ids, and its secret, once",
		Long: `Makes an application that gets tokens at the token endpoint as Azure's SDKs do: with a secret, or, with
--certificate, by the key of that certificate. It may do nothing until roles or access policies give it something.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			body := map[string]any{"name": name, "days": days}
			if certificate != "" {
				data, err := os.ReadFile(certificate)
				if err != nil {
					return err
				}
				body["certificate"] = string(data)
			}
			var made struct{ TenantID, ClientID, ObjectID, ClientSecret string }
			if _, err := client.Do(c.Context(), "POST", applicationsPath, body, &made); err != nil {
				return clientError(err)
			}
			fmt.Fprintf(c.OutOrStdout(), "AZURE_TENANT_ID=%s\nAZURE_CLIENT_ID=%s\n", made.TenantID, made.ClientID)
			if made.ClientSecret != "" {
				fmt.Fprintf(c.OutOrStdout(), "AZURE_CLIENT_SECRET=%s\n", made.ClientSecret)
			}
			fmt.Fprintf(c.ErrOrStderr(), "object id, for roles and access policies: %s\n", made.ObjectID)
			return nil
		},
	}
	dataDirFlag(c, &dataDir)
	c.Flags().StringVar(&name, "name", "", "name of the application")
	c.Flags().StringVar(&certificate, "certificate", "", "file of the certificate (PEM) whose key proves it; without: a secret is made")
	c.Flags().IntVar(&days, "days", 0, "days that the secret works; 0: until the application is deleted")
	_ = c.MarkFlagRequired("name") // the flag is there
	return c
}

func applicationDeleteCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "delete CLIENT-ID",
		Short: "Delete an application, and end its tokens",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			_, err = client.Do(c.Context(), "DELETE", applicationsPath+"/"+url.PathEscape(args[0]), nil, nil)
			return clientError(err)
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}

// devIdentityCommand prints the environment of managed identities, for env files and shells: eval "$(postern dev identity | sed 's/^/export /')".
func devIdentityCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "identity",
		Short: "Print the environment that gives other processes the service's managed identities",
		Long: `Prints IDENTITY_ENDPOINT and IDENTITY_HEADER of the running postern, by which Azure's SDKs in other processes on this
machine get tokens of the service's managed identities. The header is a secret.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if dataDir == "" {
				if dataDir = os.Getenv("POSTERN_DATA_DIR"); dataDir == "" {
					var err error
					if dataDir, err = config.DefaultDataDir(os.LookupEnv); err != nil {
						return err
					}
				}
			}
			e, err := config.ReadIdentityEnv(dataDir)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no %s: start postern serve first, or name its data directory with --data-dir", filepath.Join(dataDir, config.AdminFile))
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), e)
			return err
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}
