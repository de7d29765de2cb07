package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
)

func (c *funCompiler) dynamic(e bind.Expr) valFn                  { panic(internal(e)) }
func (c *funCompiler) dynamicPlace(e bind.Expr) place             { panic(internal(e)) }
func (c *funCompiler) fromDynamic(e *bind.Convert, x valFn) valFn { panic(internal(e)) }
