namespace DriftDb.Frontend
[<AbstractClass; Sealed>]
type SqlParser =
    static member ParseOne(text: string) : Statement = failwith text
    static member ParseExpression(text: string) : Expr = failwith text
