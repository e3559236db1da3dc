System.Console.WriteLine("driftdb");
