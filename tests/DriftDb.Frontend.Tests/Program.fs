module DriftDb.Frontend.Tests.Program

open Expecto

[<EntryPoint>]
let main arguments =
    runTestsWithCLIArgs
        []
        arguments
        (testList
            "front-end"
            [ CorpusTests.tests
              SpanTests.tests
              GeneratedTests.tests
              ErrorTests.tests
              SlipTests.tests
              AstTests.tests
              MutationTests.tests
              SyntaxTests.tests
              DriftTests.tests
              ScannerTests.tests
              BlockTests.tests ])
