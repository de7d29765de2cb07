==== a semicolon is missing at the end of a line
int a = 1 // ERROR CS1002 10
int b = 2;
==== a semicolon is missing inside a line
int a = 1 int b = 2; // ERROR CS1002 11
==== two statements are wrong
a = ; // ERROR CS1525 5
b = 1;
c = ); // ERROR CS1525 5
==== a declarator goes wrong
int a ) 1; // ERROR CS1003 7, CS1002 9
==== a value without the equals sign
int a 1; // ERROR CS1003 7
==== constructor arguments in a declaration
Uri a("b"); // ERROR CS1026 7, CS1002 10
==== brackets after the name
int a[] = { 1 }; // ERROR CS0650 6, CS0443 7
==== a size in a type
int[5] a; // ERROR CS0270 5
==== a constant needs a value
const int a; // ERROR CS0145 11
==== two types in a declaration
Uri a = b, Uri c = d; // ERROR CS1044 12
==== the name stands in the next line
Uri // ERROR CS1001 4
a.b();
==== a declaration is no embedded statement
if (a) int b = 1; // ERROR CS1023 8
==== parentheses of a condition
if a) b(); // ERROR CS1003 4
while (a b(); // ERROR CS1026 10
==== something follows a condition
if (a b) c(); // ERROR CS1073 7
==== else alone
else a(); // ERROR CS8641 1
==== try alone
try { } // ERROR CS1524 7
a();
==== catch alone
catch { } // ERROR CS1003 1
==== foreach needs a type
foreach (a in b) ; // ERROR CS0230 12
==== foreach needs in
foreach (int a b) ; // ERROR CS1515 16
==== using declaration
using var a = b; // ERROR CS8370 1
==== static local function
static int F() => 1; // ERROR CS8370 1
==== a modifier
public int a = 1; // ERROR CS1513 1
==== yield return needs a value
yield return ; // ERROR CS1627 7
==== a closing brace too many
a();
} // ERROR CS1022 1
==== code after a closing brace too many
a();
}
return b; // ERROR CS1519 1
==== a bracket where a statement should be
.a(); // ERROR CS1513 1
==== a case label without a value
switch (a) { case : break; } // ERROR CS0150 19
==== switch over a tuple
switch (a, b) { } // ERROR CS8370 8
==== case with a later pattern
switch (a) {
case > 5: break; // ERROR CS8370 6
case int: break; // ERROR CS8370 6
case not null: break; // ERROR CS8370 6
}
==== catch needs its bracket
try { } catch (Exception e { } // ERROR CS1026 28
==== filter
try { } catch (Exception e) if (a) { } // ERROR CS1003 29
==== unsafe code
unsafe { } // ERROR CS0227 1
==== for header
for (int a = 1, b; c) d(); // ERROR CS1002 21
==== type arguments
a = new List<int string>(); // ERROR CS1003 18
==== skipped in a list
f(a ) ) b; // ERROR CS1002 7
f(a => ); // ERROR CS1525 8
==== deep
int a = (((1)); // ERROR CS1026 15
==== a directive
#if a // ERROR CS1024 1
==== await is an operator where no name can be
await a(); // ERROR CS1528 8
a = await b; // ERROR CS4032 5
return await(b);
==== a local function needs a body
int F(); // ERROR CS8112 5
==== for in place of foreach
for (var a in b) ; // ERROR CS1003 1
==== commas in the header of a for
for (int a = 1; a < 2, a++) ; // ERROR CS1002 22
==== a section without a switch
case 1: a(); // ERROR CS1003 1, CS1513 13
==== a switch without parentheses
switch a { } // ERROR CS8415 8
==== a pattern binds no tighter operator
b = a is int c + 1; // ERROR CS1073 16
==== an unexpected character
a = b ` c; // ERROR CS1056 7, CS1002 9
==== lambda with a default
Func<int, int> f = (int a = 1) => a; // ERROR CS1065 21
