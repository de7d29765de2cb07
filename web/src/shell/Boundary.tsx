import { Component, type ReactNode } from "react";
import { ErrorBar } from "../components/ErrorBar";

interface Props {
  /** Where one is: another place begins anew. */
  place: string;
  children: ReactNode;
}

interface State {
  error: Error | null;
  place: string;
}

/** Boundary keeps the menu there when a page fails, and says so. */
export class Boundary extends Component<Props, State> {
  override state: State = { error: null, place: this.props.place };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.place === state.place ? null : { error: null, place: props.place };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <div className="page-body">
        <ErrorBar error={this.state.error} title="This page cannot be shown." onRetry={() => window.location.reload()} />
      </div>
    );
  }
}
