// CoreDNS with only what the test cluster needs: names of Services and pods, from the API server.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
)

func main() {
	// In the order in which a request passes them.
	dnsserver.Directives = []string{"errors", "kubernetes"}
	coremain.Run()
}
