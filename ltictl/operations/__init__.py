"""The operations of ltictl, one for each module: arguments in, a result out, nothing printed."""
