package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// sessionCodes is the endpoint that makes links to the portal.
const sessionCodes = "/postern/v1/session/codes"

func portalCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "portal",
		Short: "Print a link that opens the portal of the running postern signed in, once",
		Long: `Prints a link that opens the portal of the running postern, signed in as the administrator. It works once, and
within ten minutes.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			var link struct{ URL string }
			if _, err := client.Do(c.Context(), "POST", sessionCodes, nil, &link); err != nil {
				return clientError(err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), link.URL)
			return err
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}
