import ArgumentParser
struct FiguresCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "figures"); func run() throws {} }
