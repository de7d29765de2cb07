package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/internal/apply"
)

func applyCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "apply FILE…",
		Short: "PUT the resources of YAML files or folders through the management API",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, admin, err := connect(dataDir)
			if err != nil {
				return err
			}
			reader := apply.Reader{ServiceID: admin.ServiceID(), Development: func(name string) ([]byte, error) {
				if name != "client-root" {
					return nil, fmt.Errorf("there is no development certificate %q; there is client-root", name)
				}
				var answer struct{ Certificate string }
				if _, err := client.Do(c.Context(), "GET", developmentRoot, nil, &answer); err != nil {
					return nil, clientError(err)
				}
				return decodeBytes(answer.Certificate)
			}}
			resources, err := reader.Read(args...)
			if err != nil {
				return err
			}
			return clientError(client.Apply(c.Context(), resources, func(r apply.Resource, created bool) {
				word := "updated"
				if created {
					word = "created"
				}
				fmt.Fprintln(c.OutOrStdout(), word, r.ID)
			}))
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}
